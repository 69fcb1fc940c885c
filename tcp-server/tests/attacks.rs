//! The TCP server under faults and attacks: it stays alive, its descriptors and
//! its memory stay as they were, and the next client is served.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;
use support::servers::{self, memory_is_flat};
use support::tcp::{WAITING, connect, connected_from, exchange, reset};
use support::{Running, Server, command, draw, eventually, interruptible, now, unstamp_all};

const BINARY: &str = env!("CARGO_BIN_EXE_tcp-server");

/// A server that has done all it does once: talked, and lost a client.
fn warm_server() -> Server {
    let mut server = Server::start(BINARY);
    exchange(&mut connect(&server), &[b'x'; BUFSIZ]);
    let mut client = connect(&server);
    exchange(&mut client, b"hello");
    reset(client);
    server.program.errors(2);
    waits_after(&mut server, 2);
    server
}

/// Waits until the server has done with as many clients and waits for the next.
fn waits_after(server: &mut Server, clients: usize) {
    let what = format!("the end of {clients} conversations");
    server.program.wait_until(&what, |program| {
        program.screen().matches(WAITING).count() == clients + 1
    });
}

#[test]
fn two_hundred_resets_with_and_without_data_in_flight() {
    let mut server = warm_server();
    let before = server.program.descriptors();
    for number in 0..200 {
        let mut client = connect(&server);
        match number % 4 {
            0 => {}                                           // at once
            1 => client.write_all(b"unheard").unwrap(),       // a message in flight
            2 => drop(exchange(&mut client, b"hello")),       // in mid-conversation
            _ => client.write_all(&[b'x'; 100_000]).unwrap(), // replies in flight
        }
        reset(client);
    }
    waits_after(&mut server, 202);
    assert_eq!(server.program.descriptors(), before);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
    let errors = server.program.end().stderr;
    assert_eq!(errors.lines().count(), 1 + 1 + 200, "{errors}");
    for error in errors.lines().skip(1) {
        let lost = error.ends_with(": Connection reset by peer (os error 104)")
            || error.ends_with(": Broken pipe (os error 32)");
        assert!(lost, "{error}");
    }
}

#[test]
fn a_peer_that_vanishes_in_mid_message() {
    let mut server = warm_server();
    let before = server.program.descriptors();
    for _ in 0..50 {
        connect(&server)
            .write_all(b"a message without an e")
            .unwrap();
    }
    waits_after(&mut server, 52);
    assert_eq!(server.program.descriptors(), before);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn ten_thousand_connections_opened_and_dropped() {
    let mut server = warm_server();
    let before = server.program.descriptors();
    for _ in 0..2000 {
        // Four that only come and go, and one that waits for its end, so that
        // the backlog never overflows.
        for _ in 0..4 {
            connect(&server);
        }
        let mut last = connect(&server);
        last.shutdown(Shutdown::Write).unwrap();
        assert_eq!(last.read_to_end(&mut Vec::new()).unwrap(), 0);
    }
    waits_after(&mut server, 10_002);
    assert_eq!(server.program.descriptors(), before);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn sixty_four_mib_in_one_connection_come_back_to_the_byte_with_memory_flat() {
    const TOTAL: usize = 64 << 20;
    let server = warm_server();
    let mut client = connect(&server);
    let mut writer = client.try_clone().unwrap();
    // A pattern of 26 bytes; the same from any of its multiples on.
    let pattern: Vec<u8> = (b'a'..=b'z').cycle().take(26 * 4096).collect();
    let sender = {
        let pattern = pattern.clone();
        thread::spawn(move || {
            let mut left = TOTAL;
            while left > 0 {
                let n = left.min(pattern.len());
                writer.write_all(&pattern[..n]).unwrap();
                left -= n;
            }
            writer.shutdown(Shutdown::Write).unwrap();
        })
    };
    let since = now();
    let mut stream = Vec::new();
    memory_is_flat(&server.program, || {
        client.read_to_end(&mut stream).unwrap();
        sender.join().unwrap();
    });

    let (mut got, mut pieces, mut rest) = (0, 0, stream.as_slice());
    while !rest.is_empty() {
        let (stamp, more) = rest.split_at(STAMP);
        let form = stamp[0] == b'[' && stamp.ends_with(b"] ");
        assert!(form, "byte {got}: {stamp:?}");
        let piece = more
            .iter()
            .position(|byte| *byte == b'[')
            .unwrap_or(more.len());
        assert!(piece <= BUFSIZ);
        assert_eq!(more[..piece], pattern[got % 26..][..piece], "byte {got}");
        (got, pieces, rest) = (got + piece, pieces + 1, &more[piece..]);
    }
    assert_eq!(got, TOTAL);
    assert!(pieces >= TOTAL / BUFSIZ);
    unstamp_all(&stream[..STAMP + 1], since);
}

#[test]
fn memory_is_flat_over_a_million_requests() {
    let server = warm_server();
    let mut client = connect(&server);
    client.set_nodelay(true).unwrap();
    let mut reply = [0; STAMP + 64];
    servers::memory_is_flat_over_a_million_requests(&server.program, |n| {
        for _ in 0..n {
            client.write_all(&[b'x'; 64]).unwrap();
            client.read_exact(&mut reply).unwrap();
        }
        assert_eq!(reply[STAMP..], [b'x'; 64]);
    });
}

#[test]
fn a_client_that_never_reads_holds_up_only_those_who_queue_behind_it() {
    let mut server = Server::start(BINARY);
    let mut greedy = connect(&server);
    let screen = format!("{WAITING}{}", connected_from(&greedy));
    server.program.shows(&screen);
    // It sends until the replies that it does not read fill every buffer.
    greedy.set_nonblocking(true).unwrap();
    eventually("all buffers are full", || {
        let full = greedy.write_all(&[b'x'; 65536]).err()?;
        (full.kind() == ErrorKind::WouldBlock).then_some(())
    });
    let mut queued: Vec<TcpStream> = (0..3).map(|_| connect(&server)).collect();
    for client in &mut queued {
        client.write_all(b"hello").unwrap();
    }
    assert_eq!(server.program.screen(), screen, "one client at a time");
    drop(greedy);
    for mut client in queued {
        let since = now();
        client.shutdown(Shutdown::Write).unwrap();
        let mut reply = Vec::new();
        client.read_to_end(&mut reply).unwrap();
        assert_eq!(unstamp_all(&reply, since), [b"hello"]);
    }
    assert_eq!(
        server.program.errors(2).len(),
        2,
        "the greedy one costs a line"
    );
}

#[test]
fn interrupted_it_ends_at_once_and_its_port_is_free() {
    let mut server = Server::announced(interruptible(BINARY).args(["127.0.0.1", "0"]));
    let mut client = connect(&server);
    exchange(&mut client, b"hello");
    let (addr, port) = (server.addr, server.port());
    server.program.signal("INT");
    assert_eq!(server.program.finish().status, 130);
    let program = Running::start(&mut command(BINARY, &["127.0.0.1", &port]));
    server = Server { program, addr };
    server.program.shows(WAITING);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn any_bytes_in_any_pieces_come_back_in_order() {
    use proptest::prelude::*;
    let server = Server::start(BINARY);
    // A conversation: pieces to send, and whether to wait for the reply first.
    let piece = (draw::bytes(1..=3000), any::<bool>());
    let conversation = prop::collection::vec(piece, 0..12);
    draw::check(200, conversation, |pieces| {
        let (since, mut client) = (now(), connect(&server));
        let mut sent = Vec::new();
        for (mut piece, wait) in pieces {
            if wait && piece.len() <= BUFSIZ && sent.is_empty() {
                assert_eq!(exchange(&mut client, &piece), piece);
                continue;
            }
            // Replies that run together are told apart by their `[`.
            piece
                .iter_mut()
                .filter(|byte| **byte == b'[')
                .for_each(|byte| *byte = b'(');
            client.write_all(&piece).unwrap();
            sent.extend(piece);
        }
        client.shutdown(Shutdown::Write).unwrap();
        let mut stream = Vec::new();
        client.read_to_end(&mut stream).unwrap();
        let messages = unstamp_all(&stream, since);
        assert!(
            messages
                .iter()
                .all(|message| (1..=BUFSIZ).contains(&message.len()))
        );
        assert_eq!(messages.concat(), sent);
    });
    assert_eq!(server.program.end().stderr.lines().count(), 1, "no error");
}

#[test]
fn no_arguments_surprise_it() {
    draw::arguments_never_surprise(BINARY);
}
