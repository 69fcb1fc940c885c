//! The TCP client over real sockets, with servers that do as a test tells them.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::{Shutdown, SocketAddr};
use std::process::Command;
use support::tcp::{Peer, expect, expect_end, reset};
use support::{Ended, Running, arguments, clients, command, run};

const BINARY: &str = env!("CARGO_BIN_EXE_tcp-client");

fn client_of(addr: SocketAddr) -> Command {
    let port = addr.port().to_string();
    command(BINARY, &[&addr.ip().to_string(), &port])
}

/// Types lines into a client, takes the messages that they must become, and
/// answers each with the same; returns how the client ended.
fn talk(keys: &[u8], messages: &[&[u8]]) -> Ended {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    client.type_in(keys);
    client.end_input();
    let mut stream = peer.accept();
    for message in messages {
        expect(&mut stream, message);
        stream.write_all(message).unwrap();
    }
    expect_end(&mut stream);
    client.finish()
}

/// A failed call: the message and its number as the status.
fn failed_with(ended: &Ended, status: i32, message: &str) {
    let line = format!("tcp-client: {message} (os error {status})\n");
    assert_eq!((ended.status, ended.stderr.as_str()), (status, &*line));
}

#[test]
fn each_line_is_sent_and_each_reply_is_printed() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    let mut stream = peer.accept();
    client.shows("> ");
    client.type_in("hello\n");
    expect(&mut stream, b"hello");
    stream
        .write_all(b"[Sun Nov  1 09:05:03 2026] hello")
        .unwrap();
    client.shows("> [Sun Nov  1 09:05:03 2026] hello\n> ");
    client.type_in("again\n");
    expect(&mut stream, b"again");
    stream
        .write_all(b"[Sun Nov  1 09:05:04 2026] again")
        .unwrap();
    client.shows("> [Sun Nov  1 09:05:03 2026] hello\n> [Sun Nov  1 09:05:04 2026] again\n> ");
    client.type_in("\n");
    expect_end(&mut stream);
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert!(ended.stdout.ends_with(b"again\n> "));
}

#[test]
fn an_empty_line_ends_it() {
    clients::an_empty_line_ends_it(talk);
}

#[test]
fn the_end_of_input_ends_it_on_a_line_of_its_own() {
    clients::the_end_of_input_ends_it_on_a_line_of_its_own(talk);
}

#[test]
fn a_last_line_without_its_newline_counts() {
    clients::a_last_line_without_its_newline_counts(talk);
}

#[test]
fn nothing_but_one_newline_is_taken_off_a_line() {
    clients::nothing_but_one_newline_is_taken_off_a_line(talk);
}

#[test]
fn bytes_that_are_no_utf8_are_sent_as_they_are_and_shown_replaced() {
    clients::bytes_that_are_no_utf8_are_sent_as_they_are_and_shown_replaced(talk);
}

#[test]
fn a_line_of_any_length_is_sent_with_a_warning_where_its_reply_does_not_fit() {
    for length in [1, 996, 997, 998, 1024, 1025, 3000] {
        let peer = Peer::new();
        let mut client = Running::start(&mut peer.client(BINARY));
        let line = vec![b'x'; length];
        client.type_in([&line, b"\n".as_slice()].concat());
        let mut stream = peer.accept();
        expect(&mut stream, &line);
        // The whole stamped reply at once: the client takes BUFSIZ of it.
        let reply = common::stamped(b"Sun Nov  1 09:05:03 2026", &line);
        stream.write_all(&reply[..reply.len().min(BUFSIZ)]).unwrap();
        let shown = String::from_utf8_lossy(&reply[..reply.len().min(BUFSIZ)]).into_owned();
        client.shows(&format!("> {shown}\n> "));
        client.type_in("\n");
        let ended = client.finish();
        assert_eq!(ended.status, 0);
        let warning = clients::warning("tcp-client", length);
        assert_eq!(ended.stderr, warning, "{length} bytes");
    }
}

#[test]
fn a_server_that_closes_the_conversation_ends_it_with_0() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    client.type_in("hello\nnever sent\n");
    let mut stream = peer.accept();
    expect(&mut stream, b"hello");
    stream.shutdown(Shutdown::Write).unwrap();
    expect_end(&mut stream);
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn a_refused_connection_is_111() {
    // Bound and not listening: nobody else gets the port, and it refuses.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    bound.bind(&any.into()).unwrap();
    let addr = bound.local_addr().unwrap().as_socket().unwrap();
    let ended = run(&mut client_of(addr), "hello\n");
    failed_with(&ended, 111, &format!("connect {addr}: Connection refused"));
    assert_eq!(
        ended.screen(),
        "",
        "there is no prompt before the connection"
    );
}

#[test]
fn a_network_out_of_reach_is_101() {
    // The broadcast address of the loopback network: TCP cannot go there.
    let ended = run(&mut client_of("127.255.255.255:9".parse().unwrap()), "");
    failed_with(
        &ended,
        101,
        "connect 127.255.255.255:9: Network is unreachable",
    );
}

#[test]
fn a_reset_is_104() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    client.type_in("hello\n");
    let mut stream = peer.accept();
    expect(&mut stream, b"hello");
    reset(stream);
    let ended = client.finish();
    let call = format!("recv {}: Connection reset by peer", peer.addr());
    failed_with(&ended, 104, &call);
}

#[test]
fn a_broken_pipe_is_32_and_says_so() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    client.shows("> ");
    // Closed and then reset while the user thinks: the next line has no reader.
    let stream = peer.accept();
    stream.shutdown(Shutdown::Write).unwrap();
    reset(stream);
    client.type_in("hello\n");
    let ended = client.finish();
    failed_with(&ended, 32, &format!("send {}: Broken pipe", peer.addr()));
}

#[test]
fn a_closed_standard_output_ends_it_quietly_with_32() {
    let peer = Peer::new();
    clients::a_closed_standard_output_ends_it_quietly_with_32(&mut peer.client(BINARY));
}

#[test]
fn a_full_standard_output_is_28() {
    let peer = Peer::new();
    clients::a_full_standard_output_is_28(&mut peer.client(BINARY));
}

#[test]
fn a_standard_input_that_cannot_be_read_ends_it_with_21() {
    let peer = Peer::new();
    clients::a_standard_input_that_cannot_be_read_ends_it_with_21(BINARY, peer.addr().port());
}

#[test]
fn a_name_is_looked_up() {
    let peer = Peer::new();
    let port = peer.addr().port().to_string();
    let mut client = Running::start(&mut command(BINARY, &["localhost", &port]));
    client.type_in("hello\n");
    expect(&mut peer.accept(), b"hello");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn without_arguments_it_connects_to_port_21567_of_127_0_0_1() {
    // In a network of its own nobody listens there, and its loopback is down.
    let Some(mut command) = support::alone_on_a_network(BINARY) else {
        return;
    };
    let ended = run(&mut command, "");
    failed_with(
        &ended,
        101,
        "connect 127.0.0.1:21567: Network is unreachable",
    );
}

#[test]
fn help_and_version_answer() {
    arguments::questions_are_answered(BINARY, "tcp-client", "127.0.0.1");
}

#[test]
fn wrong_arguments_are_2() {
    arguments::wrong_ones_are_refused(BINARY, "tcp-client");
}

#[test]
fn a_host_without_ipv4_address_is_1() {
    arguments::hosts_without_address_end_it(BINARY, "tcp-client", "");
}
