//! The UDP client over real sockets, with servers that do as a test tells them.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use support::udp::{client_of, expect, socket};
use support::{Ended, Running, arguments, clients, command, run};

const BINARY: &str = env!("CARGO_BIN_EXE_udp-client");

/// Types lines into a client, takes the datagrams that they must become, and
/// answers each with the same; returns how the client ended.
fn talk(keys: &[u8], messages: &[&[u8]]) -> Ended {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer, BINARY));
    client.type_in(keys);
    client.end_input();
    for message in messages {
        let from = expect(&peer, message);
        peer.send_to(message, from).unwrap();
    }
    let ended = client.finish();
    peer.set_nonblocking(true).unwrap();
    assert!(
        peer.recv(&mut [0; 1]).is_err(),
        "nothing more from the client"
    );
    ended
}

/// A failed call: the message and its number as the status.
fn failed_with(ended: &Ended, status: i32, message: &str) {
    let line = format!("udp-client: {message} (os error {status})\n");
    assert_eq!((ended.status, ended.stderr.as_str()), (status, &*line));
}

#[test]
fn each_line_is_sent_and_each_reply_is_printed() {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer, BINARY));
    client.shows("> ");
    client.type_in("hello\n");
    let from = expect(&peer, b"hello");
    peer.send_to(b"[Sun Nov  1 09:05:03 2026] hello", from)
        .unwrap();
    client.shows("> [Sun Nov  1 09:05:03 2026] hello\n> ");
    client.type_in("again\n");
    assert_eq!(expect(&peer, b"again"), from, "one socket for all lines");
    peer.send_to(b"[Sun Nov  1 09:05:04 2026] again", from)
        .unwrap();
    client.shows("> [Sun Nov  1 09:05:03 2026] hello\n> [Sun Nov  1 09:05:04 2026] again\n> ");
    client.type_in("\n");
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
fn a_line_is_sent_whole_with_a_warning_where_its_reply_does_not_fit() {
    for length in [1, 996, 997, 998, 1024, 1025, 3000, 65507] {
        let peer = socket();
        let mut client = Running::start(&mut client_of(&peer, BINARY));
        let line = vec![b'x'; length];
        client.type_in([&line, b"\n".as_slice()].concat());
        let from = expect(&peer, &line);
        // A longer reply than BUFSIZ is cut by the client's recvfrom.
        let reply = common::stamped(b"Sun Nov  1 09:05:03 2026", &line[..length.min(BUFSIZ)]);
        peer.send_to(&reply, from).unwrap();
        let shown = String::from_utf8_lossy(&reply[..reply.len().min(BUFSIZ)]).into_owned();
        client.shows(&format!("> {shown}\n> "));
        client.type_in("\n");
        let ended = client.finish();
        assert_eq!(ended.status, 0);
        let warning = clients::warning("udp-client", length);
        assert_eq!(ended.stderr, warning, "{length} bytes");
    }
}

#[test]
fn it_goes_on_with_the_address_that_answered() {
    let (asked, answers) = (socket(), socket());
    let mut client = Running::start(&mut client_of(&asked, BINARY));
    client.type_in("first\nsecond\n\n");
    let from = expect(&asked, b"first");
    answers.send_to(b"from elsewhere", from).unwrap();
    assert_eq!(expect(&answers, b"second"), from);
    answers.send_to(b"again", from).unwrap();
    let ended = client.finish();
    assert_eq!(ended.status, 0);
    assert_eq!(ended.screen(), "> from elsewhere\n> again\n> ");
}

#[test]
fn an_empty_reply_ends_it() {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer, BINARY));
    client.type_in("hello\nnever sent\n");
    let from = expect(&peer, b"hello");
    peer.send_to(b"", from).unwrap();
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn no_reply_within_5_seconds_is_11() {
    let silent = socket();
    let started = std::time::Instant::now();
    let ended = run(&mut client_of(&silent, BINARY), "hello\n");
    assert!(started.elapsed() >= common::REPLY_TIMEOUT);
    let addr = silent.local_addr().unwrap();
    failed_with(
        &ended,
        11,
        &format!("recvfrom {addr}: no reply within 5 seconds"),
    );
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn stopped_and_continued_it_waits_on() {
    let peer = socket();
    let mut client = Running::start(&mut client_of(&peer, BINARY));
    client.type_in("hello\n");
    let from = expect(&peer, b"hello");
    client.wait_until("it waits for the reply", |client| {
        client.state() == Some('S')
    });
    client.stop();
    client.go_on();
    client.wait_until("it waits again", |client| client.state() == Some('S'));
    peer.send_to(b"late, not too late", from).unwrap();
    client.shows("> late, not too late\n> ");
    client.type_in("\n");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn a_line_longer_than_a_datagram_is_90() {
    let peer = socket();
    let ended = run(&mut client_of(&peer, BINARY), "x".repeat(65508) + "\n");
    assert_eq!(ended.status, 90);
    let addr = peer.local_addr().unwrap();
    let too_long = format!("udp-client: sendto {addr}: Message too long (os error 90)");
    assert_eq!(ended.stderr.lines().last().unwrap(), too_long);
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn a_forbidden_address_is_13() {
    // A broadcast address without the option for it; on the loopback network.
    let ended = run(&mut command(BINARY, &["127.255.255.255", "9"]), "hello\n");
    failed_with(&ended, 13, "sendto 127.255.255.255:9: Permission denied");
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn a_closed_standard_output_ends_it_quietly_with_32() {
    clients::a_closed_standard_output_ends_it_quietly_with_32(&mut client_of(&socket(), BINARY));
}

#[test]
fn a_full_standard_output_is_28() {
    clients::a_full_standard_output_is_28(&mut client_of(&socket(), BINARY));
}

#[test]
fn a_standard_input_that_cannot_be_read_ends_it_with_21() {
    clients::a_standard_input_that_cannot_be_read_ends_it_with_21(BINARY, 9);
}

#[test]
fn a_name_is_looked_up() {
    let peer = socket();
    let port = peer.local_addr().unwrap().port().to_string();
    let mut client = Running::start(&mut command(BINARY, &["localhost", &port]));
    client.type_in("hello\n");
    let from = expect(&peer, b"hello");
    peer.send_to(b"", from).unwrap();
    assert_eq!(client.finish().status, 0);
}

#[test]
fn without_arguments_it_sends_to_port_21567_of_localhost() {
    // In a network of its own nobody listens there, and its loopback is down.
    let Some(mut command) = support::alone_on_a_network(BINARY) else {
        return;
    };
    let ended = run(&mut command, "hello\n");
    failed_with(
        &ended,
        101,
        "sendto localhost:21567: Network is unreachable",
    );
}

#[test]
fn help_and_version_answer() {
    arguments::questions_are_answered(BINARY, "udp-client", "localhost");
}

#[test]
fn wrong_arguments_are_2() {
    arguments::wrong_ones_are_refused(BINARY, "udp-client");
}

#[test]
fn a_host_without_ipv4_address_is_1() {
    // As in Python, the name is looked up when the first line is sent.
    arguments::hosts_without_address_end_it(BINARY, "udp-client", "> ");
}
