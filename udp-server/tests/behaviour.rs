//! The UDP server, with clients that behave well or badly.

#[cfg(target_os = "linux")]
mod linux;
#[path = "../../common/tests/support/servers.rs"]
mod servers;
#[path = "../../common/tests/support/mod.rs"]
mod support;

use std::net::UdpSocket;
use support::screens::{MAY_LOOP, UDP_WAITING as WAITING};
use support::udp::{answered, exchange, receive, socket};
use support::{PROGRAM, Server, skip};

/// Sends a datagram that must not be answered: the server prints a message and waits again.
fn is_not_answered(client: &UdpSocket, message: &[u8]) {
    let server = Server::start();
    client.send_to(message, server.addr).unwrap();
    let from = client.local_addr().unwrap();
    let line = format!("{PROGRAM}: recvfrom {from}: {MAY_LOOP}");
    assert_eq!(server.program.errors(2)[1..], [line]);
    server.program.shows(&format!("{WAITING}{WAITING}"));
    let next = socket();
    exchange(&server, &next, b"hello");
    server.program.shows(&format!("{WAITING}{WAITING}{}", answered(&next)));
    client.set_nonblocking(true).unwrap();
    assert!(client.recv(&mut [0; 2000]).is_err(), "a reply to {from}");
    assert_eq!(server.program.kill().stderr.lines().count(), 2);
}

#[test]
fn a_reply_to_a_reply_is_not_answered() {
    let stamps = b"[Sun Nov  1 09:05:03 2026] [Mon Nov 23 19:05:04 2026] hello";
    is_not_answered(&socket(), stamps);
}

#[test]
fn a_loop_with_an_echo_service_ends() {
    let (server, echo) = (Server::start(), socket());
    echo.send_to(b"answer me", server.addr).unwrap();
    for _ in 0..2 {
        let (reply, from) = receive(&echo);
        echo.send_to(&reply, from).unwrap();
    }
    assert!(server.program.errors(2)[1].ends_with(MAY_LOOP));
    assert_eq!(server.program.screen().matches("returned to").count(), 2);
}

#[test]
fn a_datagram_from_a_reserved_port_is_not_answered() {
    let mut ports = (1..1024).rev();
    let Some(reserved) = ports.find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok()) else {
        return skip("only root may send from a port below 1024");
    };
    is_not_answered(&reserved, b"echo?");
}

#[test]
fn any_bytes_come_back_unchanged_also_with_one_timestamp() {
    let server = Server::start();
    let client = socket();
    let every_byte: Vec<u8> = (0..=255).collect();
    let stamp = b"[Sun Nov  1 09:05:03 2026] hello".as_slice();
    for message in [b"".as_slice(), b" two  spaces\tand a tab ", b"\r", b"\n", stamp, &every_byte] {
        exchange(&server, &client, message);
    }
}

#[test]
fn a_datagram_is_truncated_to_bufsiz() {
    let server = Server::start();
    for length in [1024, 1025, 3000, 65507] {
        let message: Vec<u8> = (b'a'..=b'z').cycle().take(length).collect();
        exchange(&server, &socket(), &message);
    }
}
