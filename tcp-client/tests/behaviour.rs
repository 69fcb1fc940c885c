//! The TCP client with servers that do as a test tells them, well or badly: it
//! shows what came, and ends with a status that says why.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::thread;
use support::tcp::{Peer, expect, expect_end, reset};
use support::{Running, eventually, number, our_at, run};

/// A client at its prompt, and the server's end of the connection.
fn at_its_prompt() -> (Running, TcpStream) {
    let peer = Peer::new();
    let client = Running::start(&mut peer.client());
    client.shows("> ");
    (client, peer.accept())
}

#[test]
fn each_line_is_sent_and_each_reply_is_shown_before_the_next_prompt() {
    let (mut client, mut stream) = at_its_prompt();
    let mut screen = "> ".to_owned();
    for (line, reply) in [("hello", "[Sun Nov  1 09:05:03 2026] hello"), ("again", "x")] {
        client.type_in(format!("{line}\n"));
        expect(&mut stream, line.as_bytes());
        stream.write_all(reply.as_bytes()).unwrap();
        screen += &format!("{reply}\n> ");
        client.shows(&screen);
    }
    client.type_in("\n");
    expect_end(&mut stream);
    client.finish().is_well(&screen);
}

#[test]
fn a_refused_connection_ends_it_before_its_prompt() {
    // Bound and not listening: nobody else gets the port, and it refuses.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    bound.bind(&any.into()).unwrap();
    let addr = bound.local_addr().unwrap().as_socket().unwrap();
    let ended = run(&mut our_at("tcp-client", addr.port()), "hello\n");
    ended.failed_with(number::REFUSED, &format!("tcp-client: connect {addr}"));
    assert_eq!(ended.screen(), "");
}

#[test]
fn a_reset_ends_it() {
    let peer = Peer::new();
    let ended = eventually("a reset that the client sees", || {
        let mut client = Running::start(&mut peer.client());
        client.type_in("hello\n");
        let mut stream = peer.accept();
        expect(&mut stream, b"hello");
        reset(stream);
        let ended = client.finish();
        (ended.status != 0 || cfg!(unix)).then_some(ended)
    });
    let call = format!("tcp-client: recv {}", peer.addr());
    ended.failed_with(number::RESET, &call);
}

#[test]
fn a_letter_in_three_replies_is_no_letter() {
    let (mut client, mut stream) = at_its_prompt();
    let mut screen = "> ".to_owned();
    for byte in "\u{2603}".bytes() {
        client.type_in("hello\n");
        expect(&mut stream, b"hello");
        stream.write_all(&[byte]).unwrap();
        screen += "\u{fffd}\n> ";
        client.shows(&screen);
    }
}

#[test]
fn of_a_flood_each_line_takes_at_most_bufsiz() {
    let (mut client, mut stream) = at_its_prompt();
    client.type_in("hello\n");
    expect(&mut stream, b"hello");
    let mut writer = stream.try_clone().unwrap();
    let flood = thread::spawn(move || writer.write_all(&[b'x'; 1 << 20]));
    client.wait_until("something of it is shown", |client| client.screen().ends_with("x\n> "));
    client.type_in("more\n\n");
    expect(&mut stream, b"more");
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    let screen = ended.screen();
    let replies: Vec<&str> = screen.lines().filter(|line| line.contains('x')).collect();
    assert_eq!(replies.len(), 2);
    for reply in replies {
        let xs = reply.strip_prefix("> ").unwrap();
        assert!((1..=BUFSIZ).contains(&xs.len()) && xs.bytes().all(|byte| byte == b'x'));
    }
    let _ = flood.join().unwrap(); // an error, or all in the kernel's buffers
}
