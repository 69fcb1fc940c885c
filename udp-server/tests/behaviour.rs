//! The UDP server with clients that behave well or badly.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use std::net::UdpSocket;
use support::screens::{BOUND, MAY_LOOP};
use support::udp::{WAITING, answered, exchange, socket};
use support::{Server, skip};

#[test]
fn the_screen_is_the_originals_and_each_line_is_out_before_the_server_waits() {
    let server = Server::start("udp-server");
    let mut screen = WAITING.to_owned();
    server.program.shows(&screen);
    let (first, second) = (socket(), socket());
    for client in [&first, &second, &first] {
        exchange(&server, client, b"hello");
        screen += &answered(client);
        server.program.shows(&screen);
    }
    let announced = format!("udp-server{BOUND}{}\n", server.addr);
    assert_eq!(server.program.end().stderr, announced);
}

/// Sends a datagram that must not be answered: it costs one line on standard
/// error, and the server waits for the next.
fn is_not_answered(client: &UdpSocket, message: &[u8]) {
    let server = Server::start("udp-server");
    client.send_to(message, server.addr).unwrap();
    let from = client.local_addr().unwrap();
    let line = format!("udp-server: recvfrom {from}: {MAY_LOOP}");
    assert_eq!(server.program.errors(2)[1..], [line]);
    server.program.shows(&format!("{WAITING}{WAITING}"));
    let next = socket();
    exchange(&server, &next, b"hello");
    let screen = format!("{WAITING}{WAITING}{}", answered(&next));
    server.program.shows(&screen);
    client.set_nonblocking(true).unwrap();
    let reply = client.recv(&mut [0; 2000]);
    assert!(reply.is_err(), "a reply to {from}");
    assert_eq!(server.program.end().stderr.lines().count(), 2);
}

#[test]
fn a_reply_to_a_reply_is_not_answered() {
    let stamps = b"[Sun Nov  1 09:05:03 2026] [Mon Nov 23 19:05:04 2026] ";
    is_not_answered(&socket(), stamps);
    is_not_answered(&socket(), &[stamps, b"hello".as_slice()].concat());
}

#[test]
fn any_bytes_but_two_stamps_come_back_unchanged() {
    let server = Server::start("udp-server");
    let client = socket();
    let stamp = "[Sun Nov  1 09:05:03 2026] ";
    let every_byte: Vec<u8> = (0..=255).collect();
    for message in [b"".as_slice(), b" two  spaces\tand a tab ", b"\r", b"\n", &every_byte] {
        exchange(&server, &client, message);
    }
    for message in [
        stamp.to_owned(),
        format!("{stamp}hello"),
        format!("{stamp}{}", "x".repeat(100)),
        format!("{stamp}{}", stamp.trim_end()),
        format!(" {stamp}{stamp}"),
        format!("he said {stamp}{stamp}"),
        format!("{stamp}hello {stamp}"),
        format!("{stamp}[Sun Nov  1 09:05:03 2026]\t"),
        format!("{stamp}[Sun Nov 31 09:75:03 2026] "),
        format!("{stamp}[Sun Not  1 09:05:03 2026] "),
        format!("{stamp}(Sun Nov  1 09:05:03 2026) "),
        "[".repeat(54),
        "x".repeat(54),
        "x".repeat(1024),
    ] {
        exchange(&server, &client, message.as_bytes());
    }
}

#[test]
fn a_datagram_from_a_reserved_port_is_not_answered() {
    let mut ports = (1..1024).rev();
    let Some(reserved) = ports.find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok()) else {
        return skip("only root may send from a port below 1024");
    };
    is_not_answered(&reserved, b"echo?");
}

/// Windows makes an error of it, which does not say who sent it: no reply there.
#[test]
fn a_datagram_is_cut_at_bufsiz_or_costs_one_line() {
    let server = Server::start("udp-server");
    for (number, length) in [1025, 3000, 65507].into_iter().enumerate() {
        let message: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
        if cfg!(windows) {
            socket().send_to(&message, server.addr).unwrap();
            let errors = server.program.errors(number + 2);
            assert!(errors[number + 1].ends_with("(os error 10040)"));
        } else {
            exchange(&server, &socket(), &message);
        }
    }
    exchange(&server, &socket(), b"hello");
}
