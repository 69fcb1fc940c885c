//! The UDP server over real sockets: the exchange, the screen, the additions
//! and the exit statuses.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use std::net::UdpSocket;
use support::udp::{WAITING, answered, exchange, socket, socket_at};
use support::{Running, Server, arguments, command, eventually, servers, skip};

const BINARY: &str = env!("CARGO_BIN_EXE_udp-server");

#[test]
fn a_datagram_comes_back_with_the_time_in_front() {
    let server = Server::start(BINARY);
    let client = socket();
    assert_eq!(exchange(&server, &client, b"hello"), b"hello");
    assert_eq!(exchange(&server, &client, b"again"), b"again");
}

#[test]
fn the_screen_is_the_originals_and_each_line_is_out_before_the_server_waits() {
    let mut server = Server::start(BINARY);
    server.program.shows(WAITING);
    let (first, second) = (socket(), socket_at("127.0.0.2:0"));
    exchange(&server, &first, b"hello");
    let screen = format!("{WAITING}{}", answered(&first));
    server.program.shows(&screen);
    exchange(&server, &second, b"hello");
    let screen = format!("{screen}{}", answered(&second));
    server.program.shows(&screen);
    let ended = server.program.end();
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn the_bytes_of_a_datagram_come_back_unchanged() {
    let server = Server::start(BINARY);
    let client = socket();
    let every_byte: Vec<u8> = (0..=255).collect();
    for message in [
        b"".as_slice(),
        b" ",
        b"  two  spaces\tand a tab ",
        b"\r",
        b"\n",
        b"line\r\n",
        b"\0",
        b"no UTF-8: \xff\xc3\x28",
        "Gr\u{fc}\u{df}e \u{2603}".as_bytes(),
        &every_byte,
    ] {
        assert_eq!(exchange(&server, &client, message), message);
    }
}

#[test]
fn a_datagram_is_cut_at_bufsiz() {
    let server = Server::start(BINARY);
    let client = socket();
    for length in [1, 996, 997, 998, 1023, 1024, 1025, 3000, 65507] {
        let message: Vec<u8> = (0..length).map(|i| b'a' + (i % 26) as u8).collect();
        let cut = &message[..length.min(BUFSIZ)];
        assert_eq!(exchange(&server, &client, &message), cut, "{length} bytes");
    }
}

/// Sends one datagram that must not be answered, and shows that it costs one
/// line on standard error and nothing else.
fn is_not_answered(client: &UdpSocket, server: &mut Server) {
    client.send_to(b"echo?", server.addr).unwrap();
    let messages = server.program.errors(2);
    let from = client.local_addr().unwrap();
    assert_eq!(
        messages[1..],
        [format!("udp-server: recvfrom {from}: not a client")]
    );
    // The next client is the next on the screen.
    let next = socket();
    assert_eq!(exchange(server, &next, b"hello"), b"hello");
    server
        .program
        .shows(&format!("{WAITING}{}", answered(&next)));
    assert_eq!(server.program.stderr().lines().count(), 2);
    client.set_nonblocking(true).unwrap();
    assert!(client.recv(&mut [0; 2000]).is_err(), "no reply to {from}");
}

#[test]
fn a_datagram_from_the_servers_own_port_number_is_not_answered() {
    let (twin, mut server) = eventually("one port on two addresses", || {
        let server = Server::start(BINARY);
        let twin = UdpSocket::bind(("127.0.0.2", server.addr.port())).ok()?;
        Some((twin, server))
    });
    is_not_answered(&twin, &mut server);
}

#[test]
fn a_datagram_from_a_reserved_port_is_not_answered() {
    let reserved = (1..1024)
        .rev()
        .find_map(|port| UdpSocket::bind(("127.0.0.1", port)).ok());
    let Some(reserved) = reserved else {
        return skip("only root may send from a port below 1024");
    };
    is_not_answered(&reserved, &mut Server::start(BINARY));
}

#[test]
fn a_reply_that_the_kernel_refuses_costs_one_line_and_nothing_else() {
    let Some(mut command) = support::with_fault("sendto:error=EPERM:when=1", BINARY) else {
        return;
    };
    let mut server = Server::announced(&mut command);
    let refused = socket();
    refused.send_to(b"hello", server.addr).unwrap();
    let messages = server.program.errors(2);
    let from = refused.local_addr().unwrap();
    let message = format!("udp-server: sendto {from}: Operation not permitted (os error 1)");
    assert_eq!(messages[1..], [message]);
    let next = socket();
    assert_eq!(exchange(&server, &next, b"hello"), b"hello");
    server
        .program
        .shows(&format!("{WAITING}{}", answered(&next)));
}

#[test]
fn an_address_in_use_is_98() {
    servers::an_address_in_use_is_98(BINARY, "udp-server");
}

#[test]
fn an_address_of_another_machine_is_99() {
    servers::an_address_of_another_machine_is_99(BINARY, "udp-server");
}

#[test]
fn a_port_below_1024_is_13_without_the_right_to_it() {
    servers::a_port_below_1024_is_13_without_the_right_to_it(BINARY, "udp-server");
}

#[test]
fn a_closed_standard_output_ends_it_quietly_with_32() {
    servers::a_closed_standard_output_ends_it_quietly_with_32(BINARY, "udp-server");
}

#[test]
fn a_full_standard_output_is_28() {
    servers::a_full_standard_output_is_28(BINARY, "udp-server");
}

#[test]
fn a_given_port_is_not_announced() {
    let addr = support::free_addr();
    let port = addr.port().to_string();
    let mut program = Running::start(&mut command(BINARY, &["127.0.0.1", &port]));
    program.shows(WAITING);
    let server = Server { program, addr };
    assert_eq!(exchange(&server, &socket(), b"hello"), b"hello");
    assert_eq!(server.program.end().stderr, "");
}

#[test]
fn without_arguments_it_listens_on_port_21567_of_every_interface() {
    servers::the_constants_are_the_originals(BINARY, "udp");
}

#[test]
fn help_and_version_answer() {
    arguments::questions_are_answered(BINARY, "udp-server", "");
}

#[test]
fn wrong_arguments_are_2() {
    arguments::wrong_ones_are_refused(BINARY, "udp-server");
}

#[test]
fn a_host_without_ipv4_address_is_1() {
    arguments::hosts_without_address_end_it(BINARY, "udp-server", "");
}
