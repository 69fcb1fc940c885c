//! The TCP server under faults and attacks, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP_LEN};
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::Shutdown;
use support::tcp::{WAITING, connect, exchange, reset, serves};
use support::{Running, Server, eventually, our_at};

/// A server that has done all it does once: talked, and lost a client.
fn warm_server() -> Server {
    let server = Server::start("tcp-server");
    let mut client = connect(&server);
    exchange(&mut client, &[b'x'; BUFSIZ]);
    reset(client);
    serves(&server);
    waits_after(&server, 2);
    server
}

/// Waits until the server has done with as many clients and waits for the next.
fn waits_after(server: &Server, clients: usize) {
    let what = format!("the end of {clients} conversations");
    server
        .program
        .wait_until(&what, |program| program.screen().matches(WAITING).count() == clients + 1);
}

/// Clients come and go in every way; they come in turn, for a backlog that
/// overflows costs a second.
#[test]
fn a_thousand_clients_leave_nothing_behind() {
    let server = warm_server();
    server.program.grows_not(|| {
        for number in 0..1000 {
            let mut client = connect(&server);
            match number % 5 {
                0 => {} // opened and dropped
                1 => client.write_all(b"a message without an e").unwrap(),
                2 => exchange(&mut client, b"hello"),
                3 => reset(client), // at once
                _ => {
                    client.write_all(&[b'x'; 100_000]).unwrap(); // replies in flight
                    reset(client);
                }
            }
            if number % 5 == 4 {
                waits_after(&server, number + 3);
            }
        }
    });
    serves(&server);
    // Who goes without reading all replies costs a line; who closes does not.
    for error in server.program.end().stderr.lines().skip(1) {
        let lost = error.ends_with(": Connection reset by peer (os error 104)")
            || error.ends_with(": Broken pipe (os error 32)");
        assert!(lost, "{error}");
    }
}

#[test]
fn a_hundred_thousand_requests_leave_memory_as_it_was() {
    let server = warm_server();
    let mut client = connect(&server);
    let mut reply = [0; STAMP_LEN + 64];
    let mut requests = |n| {
        for _ in 0..n {
            client.write_all(&[b'x'; 64]).unwrap();
            client.read_exact(&mut reply).unwrap();
        }
    };
    requests(1000);
    server.program.grows_not(|| requests(99_000));
}

#[test]
fn a_broken_pipe_ends_only_that_conversation() {
    let server = Server::start("tcp-server");
    // While the server stands still, a client speaks, half-closes and resets:
    // the server can read the message and finds nobody to answer.
    server.program.signal("STOP");
    server.program.is_in_state("T");
    let mut client = connect(&server);
    client.write_all(b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let port = client.local_addr().unwrap().port();
    reset(client);
    server.program.sees_reset(server.addr.port(), port);
    server.program.signal("CONT");
    let messages = server.program.errors(2);
    let lost = format!("tcp-server: send 127.0.0.1:{port}: Broken pipe (os error 32)");
    assert_eq!(messages[1..], [lost]);
    serves(&server);
}

/// Of a socket on 127.0.0.1: its state, what is in its queue, and how often the kernel
/// asked again.
fn in_the_kernel(server: &Server, port: u16, peer: &str) -> Option<(String, usize, usize)> {
    let ends = [&format!("0100007F:{port:04X}"), peer];
    let table = server.program.in_proc("net/tcp");
    let mut rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row[1..3] == ends)?;
    let number = |text: &str| usize::from_str_radix(text.rsplit(':').next()?, 16).ok();
    Some((row[3].to_owned(), number(row[4])?, number(row[6])?))
}

/// The first client talks; the kernel queues one more than the backlog, and leaves the
/// SYN of the next one without an answer: its client stays in `connect`, SYN-SENT.
#[test]
fn with_a_backlog_of_5_the_seventh_client_is_queued_and_the_eighth_is_not() {
    const ESTABLISHED: &str = "01";
    const SYN_SENT: &str = "02";
    let server = Server::start("tcp-server");
    let mut clients = vec![connect(&server)];
    exchange(&mut clients[0], b"hello");
    clients.extend((2..=7).map(|_| connect(&server)));
    eventually("six connections in the queue", || {
        let (_, queue, _) = in_the_kernel(&server, server.addr.port(), "00000000:0000")?;
        (queue == 6).then_some(())
    });
    let eighth = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    eighth.set_nonblocking(true).unwrap();
    eighth.connect(&server.addr.into()).unwrap_err(); // it has only begun
    let port = eighth.local_addr().unwrap().as_socket().unwrap().port();
    let peer = format!("0100007F:{:04X}", server.addr.port());
    let state = eventually("a place for the eighth, or that its kernel asks again", || {
        let (state, _, again) = in_the_kernel(&server, port, &peer)?;
        (state == ESTABLISHED || again > 0).then_some(state)
    });
    assert_eq!(state, SYN_SENT, "the eighth client is queued too");
    drop(clients.remove(0)); // now the second talks, and there is a place
    eventually("a place for the eighth", || {
        let (state, ..) = in_the_kernel(&server, port, &peer)?;
        (state == ESTABLISHED).then_some(())
    });
}

#[test]
fn it_starts_again_at_once_after_a_client_was_cut_off() {
    let server = Server::start("tcp-server");
    let mut cut_off = connect(&server);
    exchange(&mut cut_off, b"hello");
    let addr = server.addr;
    server.program.end();
    // The connection is still there, on the server's port: no bar.
    let program = Running::start(&mut our_at("tcp-server", addr.port()));
    program.shows(WAITING);
    serves(&Server { program, addr });
}
