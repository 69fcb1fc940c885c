//! The TCP client with servers that misbehave: it shows what came, ends with a
//! status that says why, and never panics.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use proptest::prelude::*;
use std::io::Write;
use std::net::{Shutdown, TcpStream};
use support::tcp::{Peer, expect, expect_end, reset};
use support::{Running, draw, interruptible};

const BINARY: &str = env!("CARGO_BIN_EXE_tcp-client");

/// A client at its prompt, and the server's end of the connection.
fn at_its_prompt() -> (Running, TcpStream) {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client(BINARY));
    client.shows("> ");
    let stream = peer.accept();
    (client, stream)
}

#[test]
fn a_server_that_closes_at_once() {
    let (mut client, stream) = at_its_prompt();
    drop(stream);
    client.type_in("hello\n");
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.screen(), "> ");
}

#[test]
fn a_server_that_resets_at_once() {
    let (mut client, stream) = at_its_prompt();
    reset(stream);
    client.type_in("hello\n");
    let ended = client.finish();
    assert_eq!(ended.status, 104);
    assert!(
        ended
            .stderr
            .contains(": Connection reset by peer (os error 104)\n")
    );
}

#[test]
fn a_server_that_closes_in_mid_reply() {
    let (mut client, mut stream) = at_its_prompt();
    client.type_in("hello\n");
    expect(&mut stream, b"hello");
    stream.write_all(b"[Sun Nov  1 09:0").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    client.shows("> [Sun Nov  1 09:0\n> ");
    client.type_in("again\n");
    expect(&mut stream, b"again");
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
    assert_eq!(ended.screen(), "> [Sun Nov  1 09:0\n> ");
}

#[test]
fn a_server_that_answers_with_a_mebibyte() {
    let (mut client, mut stream) = at_its_prompt();
    client.type_in("hello\n");
    expect(&mut stream, b"hello");
    let mut writer = stream.try_clone().unwrap();
    let flood = std::thread::spawn(move || writer.write_all(&[b'x'; 1 << 20]));
    // Each prompt takes at most BUFSIZ bytes of it.
    client.wait_until("something of it is shown", |client| {
        client.screen().ends_with("x\n> ")
    });
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

#[test]
fn a_server_that_answers_in_single_bytes() {
    let (mut client, mut stream) = at_its_prompt();
    stream.set_nodelay(true).unwrap();
    let mut screen = "> ".to_owned();
    for byte in [b"a", b"b", b"c"] {
        client.type_in("hello\n");
        expect(&mut stream, b"hello");
        stream.write_all(byte).unwrap();
        screen += &format!("{}\n> ", char::from(byte[0]));
        client.shows(&screen);
    }
    // A letter of three bytes in three replies: no one of them is UTF-8.
    for byte in "\u{2603}".bytes() {
        client.type_in("hello\n");
        expect(&mut stream, b"hello");
        stream.write_all(&[byte]).unwrap();
        screen += "\u{fffd}\n> ";
        client.shows(&screen);
    }
    client.type_in("\n");
    expect_end(&mut stream);
    assert_eq!(client.finish().status, 0);
}

#[test]
fn a_server_that_answers_with_control_characters() {
    let (mut client, mut stream) = at_its_prompt();
    client.type_in("hello\n");
    expect(&mut stream, b"hello");
    stream.write_all(b"\x1b[2J\x07\0\x08\r\n\x7f").unwrap();
    client.shows("> \x1b[2J\x07\0\x08\r\n\x7f\n> ");
    client.type_in("\n");
    assert_eq!(client.finish().status, 0);
}

#[test]
fn a_server_that_never_answers_is_left_by_an_interrupt() {
    let peer = Peer::new();
    let port = peer.addr().port().to_string();
    let mut client = Running::start(interruptible(BINARY).args(["127.0.0.1", &port]));
    client.type_in("hello\n");
    let mut stream = peer.accept();
    expect(&mut stream, b"hello");
    client.signal("INT");
    let ended = client.finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (130, ""));
    expect_end(&mut stream);
}

#[test]
fn any_conversation_ends_as_the_model_says() {
    // A line and the server's reply to it; none closes the conversation.
    let reply = prop::option::weighted(0.9, draw::bytes(1..=BUFSIZ));
    let exchanges = prop::collection::vec((draw::raw_line(1500), reply), 0..8);
    draw::check(
        200,
        (exchanges, any::<bool>()),
        |(exchanges, empty_line)| {
            let peer = Peer::new();
            let mut client = Running::start(&mut peer.client(BINARY));
            let lines = exchanges
                .iter()
                .map(|(line, _)| [line, b"\n".as_slice()].concat());
            client.type_in(lines.collect::<Vec<_>>().concat());
            if empty_line {
                client.type_in("\nnever sent\n");
            }
            client.end_input();

            let (mut stream, mut screen, mut warnings) = (peer.accept(), String::new(), 0);
            let mut closed = false;
            for (line, reply) in &exchanges {
                expect(&mut stream, line);
                screen += "> ";
                warnings += usize::from(line.len() > BUFSIZ - common::STAMP);
                let Some(reply) = reply else {
                    closed = true;
                    break;
                };
                stream.write_all(reply).unwrap();
                screen += &format!("{}\n", String::from_utf8_lossy(reply));
            }
            stream.shutdown(Shutdown::Write).unwrap();
            expect_end(&mut stream);
            if !closed {
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
