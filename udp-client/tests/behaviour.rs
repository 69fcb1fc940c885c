//! The UDP client, with servers that behave well or badly.

#[path = "../../common/tests/support/clients.rs"]
mod clients;
#[path = "../../common/tests/support/mod.rs"]
mod support;

use std::time::Instant;
use support::udp::{Peer, socket};
#[cfg(target_os = "linux")]
use support::{PROGRAM_PATH, command, skip};
use support::{Running, number, program_at, run};

/// A client that has typed this line, and its server, which has received it.
fn client_that_sent(line: &str) -> (Running, Peer) {
    let mut peer = Peer::new();
    let client = Running::start(&mut program_at(peer.addr().port()));
    client.type_in(format!("{line}\n"));
    peer.expect(line.as_bytes());
    (client, peer)
}

#[test]
fn it_goes_on_with_the_address_that_replied() {
    let (client, peer) = client_that_sent("first");
    let mut other = Peer { socket: socket(), client: peer.client };
    other.reply(b"from elsewhere");
    client.type_in("second\n\n");
    other.expect(b"second");
    other.reply(b"again");
    client.finish().is_well("> from elsewhere\n> again\n> ");
}

#[test]
fn no_reply_within_5_seconds_ends_it() {
    let silent = Peer::new();
    let started = Instant::now();
    let ended = run(&mut program_at(silent.addr().port()), "hello\n");
    assert!(started.elapsed() >= common::REPLY_TIMEOUT);
    let call = format!("udp-client: recvfrom {}: no reply within 5 seconds", silent.addr());
    let message = format!("{call} (os error {})\n", number::NO_REPLY);
    ended.is(number::NO_REPLY, "> ", &message);
}

#[test]
fn a_line_longer_than_a_datagram_ends_it() {
    let peer = Peer::new();
    let ended = run(&mut program_at(peer.addr().port()), "x".repeat(65508) + "\n");
    ended.failed_with(number::TOO_LONG, &format!("sendto {}", peer.addr()));
    assert_eq!(ended.screen, "> ");
}

#[test]
#[cfg(target_os = "linux")]
fn localhost_is_127_0_0_1_even_if_the_hosts_file_has_only_its_ipv6_address() {
    let hosts = concat!(env!("CARGO_TARGET_TMPDIR"), "/hosts");
    std::fs::write(hosts, "::1 localhost\n").unwrap();
    let mut peer = Peer::new();
    let port = peer.addr().port().to_string();
    let mount = "mount --bind \"$0\" /etc/hosts || exit 77; exec \"$1\" localhost \"$2\"";
    let args = ["-rm", "sh", "-c", mount, hosts, PROGRAM_PATH, &port];
    if !command("unshare", &["-rm", "true"]).status().is_ok_and(|status| status.success()) {
        return skip("it needs unshare, and the right to use it");
    }
    let client = Running::start(&mut command("unshare", &args));
    client.type_in("hello\n");
    peer.expect(b"hello");
    peer.reply(b"again");
    client.finish().is_well("> again\n> \n");
}
