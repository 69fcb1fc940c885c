//! The TCP server under faults that only Linux can show.

use super::support::linux::server_with;
use super::support::screens::TCP_WAITING as WAITING;
use super::support::tcp::{connect, exchange, reset, serves};
use super::support::{PROGRAM, PROGRAM_PATH, Running, Server, command};
use std::io::{Read, Write};

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
                // The queue must not be full, because that costs a second.
                server.program.wait_until("the next client", |server| {
                    server.screen().matches(WAITING).count() == number + 2
                });
            }
        }
    }
    serves(&server);
    for error in server.program.kill().stderr.lines().skip(1) {
        let ends = ["Connection reset by peer (os error 104)", "Broken pipe (os error 32)"];
        assert!(ends.iter().any(|end| error.ends_with(end)), "{error}");
    }
}

#[test]
fn accept_skips_an_error_of_one_client_and_an_interrupted_call_is_repeated() {
    let of_one_client = "ENETDOWN EPROTO ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH EOPNOTSUPP \
                         ENETUNREACH ECONNABORTED ECONNRESET";
    let errors = of_one_client.split(' ').map(|error| ("accept4", error, 16));
    for (call, error, skipped) in errors.chain([("accept4", "EINTR", 0), ("recvfrom", "EINTR", 0)])
    {
        let Some(server) = server_with(&format!("{call}:error={error}:when=1..16")) else {
            return;
        };
        serves(&server);
        let stderr = server.program.kill().stderr;
        assert_eq!(stderr.matches("accept: skipped an error").count(), skipped, "{error}");
        assert_eq!(stderr.lines().count(), 1 + skipped, "{error}");
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

/// The kernel sends the signal too if the client has reset the connection.
#[test]
fn a_reply_that_cannot_be_sent_ends_only_that_conversation() {
    for (fault, error) in [
        ("EPERM", "Operation not permitted (os error 1)"),
        ("EPIPE:signal=PIPE", "Broken pipe (os error 32)"),
    ] {
        let Some(server) = server_with(&format!("sendto:error={fault}:when=1")) else {
            return;
        };
        let mut refused = connect(&server);
        refused.write_all(b"hello").unwrap();
        assert_eq!(refused.read(&mut [0; 1]).unwrap(), 0, "the server closes the connection");
        let from = refused.local_addr().unwrap();
        let message = format!("{PROGRAM}: send {from}: {error}");
        assert_eq!(server.program.errors(2)[1..], [message]);
        serves(&server);
    }
}
