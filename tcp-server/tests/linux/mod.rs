//! The TCP server under faults that only Linux can show.

use super::support::linux::{faulty, server_with};
use super::support::screens::TCP_WAITING as WAITING;
use super::support::tcp::{connect, exchange, reset, serves};
use super::support::{PROGRAM, PROGRAM_PATH, Running, Server, command, program_at};
use std::io::{Read, Write};
use std::net::Shutdown;

/// Clients come and go in every way. With 16 file descriptors none may stay open.
#[test]
fn a_thousand_clients_leave_no_file_descriptor_behind() {
    let limited = ["-c", "ulimit -n 16; exec \"$0\" 127.0.0.1 0", PROGRAM_PATH];
    let server = Server::announced(Running::start(&mut command("sh", &limited)));
    for number in 0..1000 {
        let mut client = connect(&server);
        match number % 5 {
            0 => {} // opened and closed
            1 => client.write_all(b"not a hello").unwrap(),
            2 => exchange(&mut client, b"hello"),
            3 => reset(client), // at once
            _ => {
                client.write_all(&[b'x'; 100_000]).unwrap(); // with replies under way
                reset(client);
            }
        }
        if number % 5 == 4 {
            // One after the other, because a full queue costs a second.
            let waits = |server: &Running| server.screen().matches(WAITING).count();
            server.program.wait_until("the next client", |server| waits(server) == number + 2);
        }
    }
    serves(&server);
    for error in server.program.kill().stderr.lines().skip(1) {
        let ends = ["Connection reset by peer (os error 104)", "Broken pipe (os error 32)"];
        assert!(ends.iter().any(|end| error.ends_with(end)), "{error}");
    }
}

#[test]
fn a_broken_pipe_ends_only_that_conversation() {
    let server = Server::start();
    // While the server is stopped, a client sends, half-closes and resets: the server can
    // receive the message, and cannot send a reply.
    server.program.signal("STOP");
    server.program.is_in_state("T");
    let mut client = connect(&server);
    client.write_all(b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let port = client.local_addr().unwrap().port();
    reset(client);
    // Another test that is just starting may hold the client's socket for a moment.
    let connection = format!(":{:04X} 0100007F:{port:04X} ", server.addr.port());
    let open = |server: &Running| server.in_proc("net/tcp").contains(&connection);
    server.program.wait_until("the reset", |server| !open(server));
    server.program.signal("CONT");
    let message = format!("{PROGRAM}: send 127.0.0.1:{port}: Broken pipe (os error 32)");
    assert_eq!(server.program.errors(2)[1..], [message]);
    serves(&server);
}

#[test]
fn accept_skips_an_error_of_one_client_and_repeats_an_interrupted_call() {
    let of_one_client = "ENETDOWN EPROTO ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH EOPNOTSUPP \
                         ENETUNREACH ECONNABORTED EINTR";
    for error in of_one_client.split(' ') {
        let Some(server) = server_with(&format!("accept4:error={error}:when=1..16")) else {
            return;
        };
        serves(&server);
        let skipped = server.program.kill().stderr.matches("accept: skipped an error").count();
        assert_eq!(skipped, if error == "EINTR" { 0 } else { 16 }, "{error}");
    }
}

#[test]
fn an_error_of_the_listening_socket_or_17_skipped_errors_end_it() {
    for (error, number, messages) in [("EMFILE", 24, 2), ("ENETDOWN", 100, 18)] {
        let Some(server) = server_with(&format!("accept4:error={error}")) else {
            return;
        };
        let ended = server.program.finish();
        ended.failed_with(number, &format!("accept {}", server.addr));
        assert_eq!(ended.stderr.lines().count(), messages, "{error}");
    }
}

#[test]
fn an_interrupted_recv_is_repeated() {
    let fault = "recvfrom:error=EINTR:when=1";
    let Some(mut server) = faulty(&program_at(0), fault) else {
        return;
    };
    let server = Server::announced(Running::start(&mut server));
    serves(&server);
    assert_eq!(server.program.kill().stderr.lines().count(), 1);
}

#[test]
fn a_reply_that_the_kernel_refuses_ends_only_that_conversation() {
    let Some(server) = server_with("sendto:error=EPERM:when=1") else {
        return;
    };
    let mut refused = connect(&server);
    refused.write_all(b"hello").unwrap();
    assert_eq!(refused.read(&mut [0; 1]).unwrap(), 0, "the server closes the connection");
    let from = refused.local_addr().unwrap();
    let message = format!("{PROGRAM}: send {from}: Operation not permitted (os error 1)");
    assert_eq!(server.program.errors(2)[1..], [message]);
    serves(&server);
}
