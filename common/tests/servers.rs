//! What both servers do alike.

mod support;

use common::BUFSIZ;
use std::net::{TcpListener, UdpSocket};
use support::{Server, number, our_at, run, tcp, udp};

const BOTH: [&str; 2] = ["tcp-server", "udp-server"];

#[test]
fn the_bytes_of_a_message_come_back_unchanged() {
    let (stream, datagrams) = (Server::start("tcp-server"), Server::start("udp-server"));
    let (mut connection, socket) = (tcp::connect(&stream), udp::socket());
    let every_byte: Vec<u8> = (0..=255).collect();
    for message in [
        b" ".as_slice(),
        b"  two  spaces\tand a tab ",
        b"\r",
        b"line\r\n",
        b"no UTF-8: \xff\xc3\x28",
        "Gr\u{fc}\u{df}e \u{2603}".as_bytes(),
        &every_byte,
        &[b'x'; BUFSIZ - 1],
        &[b'x'; BUFSIZ],
    ] {
        tcp::exchange(&mut connection, message);
        udp::exchange(&datagrams, &socket, message);
    }
}

#[test]
fn a_given_port_is_not_announced() {
    for program in BOTH {
        let server = Server::start_on_a_given_port(|port| our_at(program, port));
        assert_eq!(server.program.end().stderr, "");
    }
}

#[test]
fn an_address_in_use_ends_it() {
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (program, taken) in BOTH.into_iter().zip([stream.local_addr(), datagrams.local_addr()]) {
        let addr = taken.unwrap();
        let ended = run(&mut our_at(program, addr.port()), "");
        ended.failed_with(number::IN_USE, &format!("{program}: bind {addr}"));
        assert_eq!(ended.screen(), "");
    }
}
