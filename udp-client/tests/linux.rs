//! The UDP client, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

#[path = "../../common/tests/support/mod.rs"]
mod support;

use support::udp::{client_of, expect, socket};
use support::{Running, our, run};

#[test]
fn stopped_and_continued_it_waits_on() {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer));
    client.type_in("hello\n");
    let from = expect(&peer, b"hello");
    client.is_in_state("S");
    client.signal("STOP");
    client.is_in_state("T");
    client.signal("CONT");
    client.is_in_state("S");
    peer.send_to(b"late, not too late", from).unwrap();
    client.shows("> late, not too late\n> ");
}

#[test]
fn a_forbidden_address_is_13() {
    // A broadcast address without the option for it; on the loopback network.
    let ended = run(&mut our("udp-client", &["127.255.255.255", "9"]), "hello\n");
    ended.failed_with(13, "udp-client: sendto 127.255.255.255:9");
    assert_eq!(ended.screen(), "> ");
}
