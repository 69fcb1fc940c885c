//! What all four programs do alike, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

mod support;

use std::ffi::OsStr;
use std::fs;
use std::os::unix::{ffi::OsStrExt, process::ExitStatusExt};
use std::process::Command;
use support::linux::{alone_on_a_network, closed_stdout, faulty, full_stdout, has, python};
use support::tcp::Peer;
use support::{Running, Server, command, our, our_at, path, run, same, skip};

const SERVERS: [&str; 2] = ["tcp-server", "udp-server"];

/// Each program as it starts well, and what it may say before its first line.
fn started(peer: &Peer) -> [(Command, &'static str); 5] {
    [
        (our_at("tcp-server", 0), "tcp-server: bound to "),
        (peer.client(), ""),
        (our_at("udp-server", 0), "udp-server: bound to "),
        (our_at("udp-client", 9), ""),
        (our("udp-client", &["--help"]), ""),
    ]
}

#[test]
fn a_closed_standard_output_ends_them_quietly_with_32() {
    for (mut program, said) in started(&Peer::new()) {
        let ended = Running::start_with_stdout(&mut program, closed_stdout()).finish();
        assert_eq!(ended.status, 32);
        assert!(ended.stderr.starts_with(said));
        assert_eq!(ended.stderr.is_empty(), said.is_empty());
        assert!(ended.stderr.lines().count() <= 1, "{}", ended.stderr);
    }
}

#[test]
fn a_full_standard_output_ends_them_with_28() {
    for (mut program, said) in started(&Peer::new()) {
        let ended = Running::start_with_stdout(&mut program, full_stdout()).finish();
        let (name, _) = ended.stderr.split_once(": ").unwrap();
        ended.failed_with(28, &format!("{name}: write to standard output"));
        assert!(ended.stderr.starts_with(said));
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
        assert_eq!(ended.screen(), "> ");
    }
}

#[test]
fn an_interrupt_ends_them_at_once_and_without_a_word() {
    for (program, said) in started(&Peer::new()).into_iter().take(4) {
        // Also where the tests run in the background of a shell, which hands
        // the signal down to be ignored.
        let mut interruptible = command("env", &["--default-signal=INT"]);
        interruptible.arg(program.get_program()).args(program.get_args());
        let program = Running::start(&mut interruptible);
        program.wait_until("its first words", |program| !program.screen().is_empty());
        program.signal("INT");
        let ended = program.finish();
        assert_eq!(ended.exit.signal(), Some(2));
        assert!(ended.stderr.starts_with(said));
        assert!(ended.stderr.lines().count() <= 1, "{}", ended.stderr);
    }
}

/// Python makes such a call again (PEP 475), and so do the servers' tests for `accept`
/// and `recvfrom`. No signal brings this about: strace puts the error in.
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
                same("its last line", &ended.stdout[ended.stdout.len() - 2..], "> ");
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
    for (server, protocol) in SERVERS.into_iter().zip(["tcp", "udp"]) {
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
fn a_port_below_1024_is_13_without_the_right_to_it() {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    if first.is_ok_and(|first| first.trim() != "1024") {
        return skip("here any user may bind any port");
    }
    for server in SERVERS {
        let mut server_at_1 = our_at(server, 1);
        if run(&mut command("id", &["-u"]), "").screen() == "0\n" {
            if !has("setpriv") {
                return;
            }
            // Root keeps all but the one right.
            let drop = "--bounding-set=-net_bind_service";
            server_at_1 = command("setpriv", &[drop, &path(server), "127.0.0.1", "1"]);
        }
        let ended = run(&mut server_at_1, "");
        ended.failed_with(13, &format!("{server}: bind 127.0.0.1:1"));
    }
}

/// Wine binds even there.
#[test]
fn an_address_of_another_machine_is_99() {
    for server in SERVERS {
        let ended = run(&mut our(server, &["192.0.2.1", "0"]), "");
        ended.failed_with(99, &format!("{server}: bind 192.0.2.1:0"));
    }
}

#[test]
fn an_argument_that_is_no_utf8_is_2() {
    let ended = run(our("udp-client", &[]).arg(OsStr::from_bytes(b"\xff")), "");
    let wrong = "udp-client: an argument is not UTF-8\nusage: udp-client [HOST [PORT]]\n";
    assert_eq!((ended.status, ended.stderr.as_str()), (2, wrong));
}
