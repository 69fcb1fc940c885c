//! What all four programs do alike, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::OsStr;
use std::os::unix::{ffi::OsStrExt, process::ExitStatusExt};
use std::process::Command;
use support::linux::{alone_on_a_network, closed_stdout, faulty, full_stdout, python, with_fault};
use support::screens::BOUND;
use support::tcp::{Peer, serves};
use support::{Ended, Running, Server, command, our, our_at, path, run, same, udp};

/// Each program as it starts well.
fn started(peer: &Peer) -> [Command; 5] {
    let [tcp_server, udp_server] = ["tcp-server", "udp-server"].map(|server| our_at(server, 0));
    let (udp_client, help) = (our_at("udp-client", 9), our("udp-client", &["--help"]));
    [tcp_server, udp_server, peer.client(), udp_client, help]
}

/// It has said nothing, but for a server's first message.
fn is_quiet(ended: &Ended) {
    let said: Vec<&str> = ended.stderr.lines().filter(|line| !line.contains(BOUND)).collect();
    assert!(said.is_empty(), "{said:?}");
}

#[test]
fn a_closed_standard_output_ends_them_quietly_with_32() {
    for mut program in started(&Peer::new()) {
        let ended = Running::start_with_stdout(&mut program, closed_stdout()).finish();
        is_quiet(&ended);
        assert_eq!(ended.status, 32, "{program:?}");
    }
}

#[test]
fn a_full_standard_output_ends_them_with_28() {
    for mut program in started(&Peer::new()) {
        let ended = Running::start_with_stdout(&mut program, full_stdout()).finish();
        let (name, _) = ended.stderr.split_once(": ").unwrap();
        ended.failed_with(28, &format!("{name}: write to standard output"));
    }
}

#[test]
fn a_full_standard_error_is_no_reason_to_stop() {
    let full = "exec \"$0\" 127.0.0.1 0 2>/dev/full";
    let server = Running::start(&mut command("sh", &["-c", full, &path("udp-server")]));
    server.shows("waiting for message...\n");
}

#[test]
fn a_standard_input_that_cannot_be_read_ends_a_client_with_21() {
    let peer = Peer::new();
    let port = peer.addr().port().to_string();
    for client in ["tcp-client", "udp-client"] {
        let a_folder = "exec \"$0\" 127.0.0.1 \"$1\" </";
        let ended = run(&mut command("sh", &["-c", a_folder, &path(client), &port]), "");
        ended.failed_with(21, &format!("{client}: read standard input"));
        assert_eq!(ended.screen, "> ");
    }
}

#[test]
fn an_interrupt_ends_them_at_once_and_without_a_word() {
    for program in &started(&Peer::new())[..4] {
        // Also where the tests run in the background of a shell, which hands
        // the signal down to be ignored.
        let mut interruptible = command("env", &["--default-signal=INT"]);
        interruptible.arg(program.get_program()).args(program.get_args());
        let program = Running::start(&mut interruptible);
        program.wait_until("its first words", |program| !program.screen().is_empty());
        program.signal("INT");
        let ended = program.finish();
        is_quiet(&ended);
        assert_eq!(ended.exit.signal(), Some(2), "{interruptible:?}");
    }
}

/// EINTR is a signal's; strace puts the errors in.
#[test]
fn a_server_calls_again_where_a_call_failed_for_one_client_or_was_interrupted() {
    for (program, fault, said) in [
        ("tcp-server", "accept4:error=EINTR:when=1", 0),
        ("tcp-server", "accept4:error=ECONNABORTED:when=1", 0),
        ("tcp-server", "accept4:error=EHOSTUNREACH:when=1", 1),
        ("udp-server", "recvfrom:error=EINTR:when=1", 0),
    ] {
        let Some(server) = with_fault(program, fault) else {
            return;
        };
        match program {
            "tcp-server" => serves(&server),
            _ => udp::exchange(&server, &udp::socket(), b"hello"),
        }
        let errors = server.program.end().stderr;
        assert_eq!(errors.lines().count(), 1 + said, "{program}, {fault}: {errors}");
    }
}

#[test]
fn a_fault_of_its_own_socket_ends_a_server_and_names_the_port_it_got() {
    for (program, call, fault, status) in [
        ("tcp-server", "accept", "accept4:error=EMFILE", 24),
        ("udp-server", "recvfrom", "recvfrom:error=ENOMEM", 12),
    ] {
        let Some(server) = with_fault(program, fault) else {
            return;
        };
        let call = format!("{program}: {call} {}", server.addr);
        server.program.finish().failed_with(status, &call);
    }
}

/// Python makes such a call again (PEP 475).
#[test]
fn an_interrupted_call_ends_a_client_with_4_where_python_goes_on() {
    for (client, call, named) in [
        ("tcp-client", "sendto", "send"),
        ("tcp-client", "recvfrom", "recv"),
        ("udp-client", "sendto", "sendto"),
    ] {
        let (stream, datagrams) = (Server::start("tcp-server"), Server::start("udp-server"));
        let server = if client == "tcp-client" { stream } else { datagrams };
        for (half, status) in
            [(our_at(client, server.addr.port()), 4), (python(client, server.addr.port()), 0)]
        {
            let Some(mut half) = faulty(&half, &format!("{call}:error=EINTR:when=1")) else {
                return;
            };
            let ended = run(&mut half, "hello\n\n");
            if status == 0 {
                let last = ended.screen.lines().last().unwrap_or_default();
                same(&format!("the last line of {half:?}"), last, "> ");
                assert_eq!(ended.status, 0, "{}", ended.stderr);
            } else {
                ended.failed_with(4, &format!("{client}: {named} {}", server.addr));
            }
        }
    }
}

/// Port 21567 of every interface, of 127.0.0.1, of localhost. In a network of
/// its own nobody listens there, and its loopback is down.
#[test]
fn without_arguments_they_use_the_address_of_the_originals() {
    for (server, protocol) in [("tcp-server", "tcp"), ("udp-server", "udp")] {
        let Some(mut server) = alone_on_a_network(server) else {
            return;
        };
        let server = Running::start(&mut server);
        server.wait_until("its first line", |server| server.screen().ends_with('\n'));
        // 0.0.0.0:21567, in hexadecimal.
        let bound = server.in_proc(&format!("net/{protocol}"));
        assert!(bound.contains(" 00000000:543F "), "{bound}");
    }
    let to = |client: &str| run(&mut alone_on_a_network(client).unwrap(), "hello\n");
    to("tcp-client").failed_with(101, "tcp-client: connect 127.0.0.1:21567");
    to("udp-client").failed_with(101, "udp-client: sendto localhost:21567");
}

#[test]
fn an_argument_that_is_no_utf8_is_2() {
    let wrong = "udp-client: an argument is not UTF-8\nusage: udp-client [HOST [PORT]]\n";
    run(our("udp-client", &[]).arg(OsStr::from_bytes(b"\xff")), "").is(2, "", wrong);
}
