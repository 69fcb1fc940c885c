//! The UDP client with servers that do as a test tells them, well or badly: it
//! shows what came, and ends with a status that says why.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use std::time::Instant;
use support::udp::{client_of, expect, socket};
use support::{Running, number, run};

#[test]
fn it_goes_on_with_the_address_that_answered() {
    let (asked, answers) = (socket(), socket());
    let mut client = Running::start(&mut client_of(&asked));
    client.type_in("first\nsecond\n\n");
    let from = expect(&asked, b"first");
    answers.send_to(b"from elsewhere", from).unwrap();
    assert_eq!(expect(&answers, b"second"), from);
    answers.send_to(b"again", from).unwrap();
    client.finish().is_well("> from elsewhere\n> again\n> ");
}

#[test]
fn more_replies_than_lines_answer_the_next_lines() {
    let server = socket();
    let mut client = Running::start(&mut client_of(&server));
    client.type_in("hello\n");
    let from = expect(&server, b"hello");
    for byte in [b"a", b"b", b"c"] {
        server.send_to(byte, from).unwrap();
    }
    client.shows("> a\n> ");
    client.type_in("second\nthird\n");
    client.shows("> a\n> b\n> c\n> ");
}

#[test]
fn a_reply_is_cut_at_bufsiz() {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer));
    client.type_in("hello\n");
    let from = expect(&peer, b"hello");
    peer.send_to(&[b'x'; 65507], from).unwrap();
    client.shows(&format!("> {}\n> ", "x".repeat(BUFSIZ)));
    client.type_in("still there?\n");
    assert_eq!(expect(&peer, b"still there?"), from);
}

#[test]
fn no_reply_within_5_seconds_ends_it() {
    let silent = socket();
    let started = Instant::now();
    let ended = run(&mut client_of(&silent), "hello\n");
    assert!(started.elapsed() >= common::REPLY_TIMEOUT);
    let addr = silent.local_addr().unwrap();
    let call = format!("udp-client: recvfrom {addr}: no reply within 5 seconds");
    let message = format!("{call} (os error {})\n", number::NO_REPLY);
    ended.is(number::NO_REPLY, "> ", &message);
}

#[test]
fn a_line_longer_than_a_datagram_ends_it() {
    let peer = socket();
    let ended = run(&mut client_of(&peer), "x".repeat(65508) + "\n");
    let addr = peer.local_addr().unwrap();
    ended.failed_with(number::TOO_LONG, &format!("udp-client: sendto {addr}"));
    assert_eq!(ended.screen, "> ");
}

#[test]
#[cfg(target_os = "linux")]
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
