//! The TCP server under faults that only Linux can show.

use super::support::linux::{faulty, server_with};
use super::support::screens::TCP_WAITING as WAITING;
use super::support::tcp::{connect, exchange, reset, serves};
use super::support::{PROGRAM, PROGRAM_PATH, Running, Server, command, eventually, program_at};
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::Shutdown;

/// Clients come and go in every way. With 16 file descriptors none may stay open.
#[test]
fn a_thousand_clients_leave_no_file_descriptor_and_no_memory_behind() {
    let limited = ["-c", "ulimit -n 16; exec \"$0\" 127.0.0.1 0", PROGRAM_PATH];
    let server = Server::announced(Running::start(&mut command("sh", &limited)));
    let mut after_100 = (0, 0);
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
        if number == 99 {
            after_100 = server.program.size();
        }
    }
    let (descriptors, memory) = server.program.size();
    assert_eq!(descriptors, after_100.0);
    assert!(memory <= after_100.1 + 256, "{} KiB, then {memory}", after_100.1);
    serves(&server);
    for error in server.program.kill().stderr.lines().skip(1) {
        let ends = ["Connection reset by peer (os error 104)", "Broken pipe (os error 32)"];
        assert!(ends.iter().any(|end| error.ends_with(end)), "{error}");
    }
}

#[test]
fn a_broken_pipe_ends_only_that_conversation() {
    let server = Server::start();
    // While the server stands still, a client sends, half-closes and resets: the server can
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

/// A socket on 127.0.0.1 in the kernel: its state, the length of its queue, and how often the
/// kernel has retransmitted.
fn in_the_kernel(server: &Server, port: u16, peer: &str) -> Option<(String, usize, usize)> {
    let addresses = [&format!("0100007F:{port:04X}"), peer];
    let table = server.program.in_proc("net/tcp");
    let mut rows = table.lines().map(|row| row.split_whitespace().collect::<Vec<_>>());
    let row = rows.find(|row| row[1..3] == addresses)?;
    let number = |text: &str| usize::from_str_radix(text.rsplit(':').next()?, 16).ok();
    Some((row[3].to_owned(), number(row[4])?, number(row[6])?))
}

/// One client talks. The kernel queues one more than the backlog, and does not answer the SYN of
/// the next one: its client stays in `connect`, in the state SYN-SENT.
#[test]
fn with_a_backlog_of_5_the_seventh_client_is_queued_and_the_eighth_is_not() {
    const ESTABLISHED: &str = "01";
    const SYN_SENT: &str = "02";
    let server = Server::start();
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
    let state = eventually("a place for the eighth, or a retransmitted SYN", || {
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
fn it_starts_again_at_once_after_a_conversation_was_cut() {
    let server = Server::start();
    let mut client = connect(&server);
    exchange(&mut client, b"hello");
    let addr = server.addr;
    server.program.kill();
    // The connection is still there, on the server's port.
    let program = Running::start(&mut program_at(addr.port()));
    program.shows(WAITING);
    serves(&Server { program, addr });
}
