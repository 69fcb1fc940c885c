//! The UDP client with servers that misbehave: it shows what came, ends with a
//! status that says why, and never panics.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use proptest::prelude::*;
use std::net::{SocketAddr, UdpSocket};
use support::udp::{client_of, expect, socket};
use support::{Running, draw, interruptible};

const BINARY: &str = env!("CARGO_BIN_EXE_udp-client");

/// A client that has sent a line and waits for the reply, the server's socket,
/// and the client's address.
fn waiting() -> (Running, UdpSocket, SocketAddr) {
    let server = socket();
    let mut client = Running::start(&mut client_of(&server, BINARY));
    client.type_in("hello\n");
    let from = expect(&server, b"hello");
    (client, server, from)
}

#[test]
fn a_server_that_answers_with_the_longest_datagram() {
    let (mut client, server, from) = waiting();
    server.send_to(&[b'x'; 65507], from).unwrap();
    client.shows(&format!("> {}\n> ", "x".repeat(BUFSIZ)));
    client.type_in("\n");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn a_server_that_answers_in_single_bytes() {
    let (mut client, server, from) = waiting();
    // Each datagram is a reply: the later ones answer lines not yet typed.
    for byte in [b"a", b"b", b"c"] {
        server.send_to(byte, from).unwrap();
    }
    client.shows("> a\n> ");
    client.type_in("second\nthird\n");
    client.shows("> a\n> b\n> c\n> ");
    client.type_in("\n");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn a_server_that_answers_with_bytes_that_are_no_utf8_or_control_characters() {
    let (mut client, server, from) = waiting();
    server
        .send_to(b"\xff\xc3\x28 \x1b[2J\x07\0\r\n", from)
        .unwrap();
    client.shows("> \u{fffd}\u{fffd}( \x1b[2J\x07\0\r\n\n> ");
    client.type_in("\n");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn interrupted_it_ends_at_once() {
    let server = socket();
    let port = server.local_addr().unwrap().port().to_string();
    let mut client = Running::start(interruptible(BINARY).args(["127.0.0.1", &port]));
    client.type_in("hello\n");
    expect(&server, b"hello");
    client.signal("INT");
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (130, ""));
}

#[test]
fn any_conversation_ends_as_the_model_says() {
    // A line and the reply to it; an empty one ends the client.
    let reply = prop_oneof![9 => draw::bytes(1..=2000), 1 => Just(Vec::new())];
    let exchanges = prop::collection::vec((draw::raw_line(1500), reply), 0..8);
    let (server, elsewhere) = (socket(), socket());
    draw::check(
        200,
        (exchanges, any::<bool>(), any::<bool>()),
        |(exchanges, empty_line, moves)| {
            let mut client = Running::start(&mut client_of(&server, BINARY));
            let lines = exchanges
                .iter()
                .map(|(line, _)| [line, b"\n".as_slice()].concat());
            client.type_in(lines.collect::<Vec<_>>().concat());
            if empty_line {
                client.type_in("\nnever sent\n");
            }
            client.end_input();

            let (mut screen, mut warnings, mut asked, mut over) =
                (String::new(), 0, &server, false);
            for (line, reply) in &exchanges {
                let from = expect(asked, line);
                screen += "> ";
                warnings += usize::from(line.len() > BUFSIZ - common::STAMP);
                if moves {
                    asked = &elsewhere; // from now on, the client talks to it
                }
                asked.send_to(reply, from).unwrap();
                if reply.is_empty() {
                    over = true;
                    break;
                }
                let cut = &reply[..reply.len().min(BUFSIZ)];
                screen += &format!("{}\n", String::from_utf8_lossy(cut));
            }
            if !over {
                screen += if empty_line { "> " } else { "> \n" };
            }
            let ended = client.finish();
            assert_eq!((ended.status, ended.screen()), (0, screen));
            assert_eq!(ended.stderr.lines().count(), warnings, "{}", ended.stderr);
        },
    );
}

#[test]
fn no_arguments_surprise_it() {
    draw::arguments_never_surprise(BINARY);
}
