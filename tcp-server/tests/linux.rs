//! The TCP server under faults and attacks, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP_LEN};
use std::io::{Read, Write};
use std::net::Shutdown;
use support::linux::with_fault;
use support::tcp::{WAITING, connect, exchange, reset, serves};
use support::{Running, Server, command, our_at, path};

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
    server.program.wait_until(&what, |program| {
        program.screen().matches(WAITING).count() == clients + 1
    });
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
                2 => drop(exchange(&mut client, b"hello")),
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

#[test]
fn an_accept_that_was_interrupted_or_came_too_late_is_tried_again() {
    for error in ["EINTR", "ECONNABORTED"] {
        let Some(server) = with_fault("tcp-server", &format!("accept4:error={error}:when=1"))
        else {
            return;
        };
        serves(&server);
        assert_eq!(server.program.stderr().lines().count(), 1);
    }
}

#[test]
fn out_of_descriptors_it_ends_with_24_and_names_the_port_it_got() {
    // The standard descriptors, the listening socket, and none for a client;
    // what else the test was handed down is closed.
    let limited = "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
        ulimit -n 4; exec \"$0\" 127.0.0.1 0";
    let command = &mut command("sh", &["-c", limited, &path("tcp-server")]);
    let server = Server::announced(Running::start(command));
    let call = format!("tcp-server: accept {}", server.addr);
    server.program.finish().failed_with(24, &call);
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
