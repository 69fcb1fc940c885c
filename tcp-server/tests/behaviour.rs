//! The TCP server over real sockets: the exchange, the screen, the additions
//! and the exit statuses.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use support::tcp::{WAITING, connect, connected_from, exchange, reset};
use support::{Running, Server, arguments, command, now, run, servers, unstamp, unstamp_all};

const BINARY: &str = env!("CARGO_BIN_EXE_tcp-server");

#[test]
fn a_message_comes_back_with_the_time_in_front() {
    let server = Server::start(BINARY);
    let mut client = connect(&server);
    assert_eq!(exchange(&mut client, b"hello"), b"hello");
    assert_eq!(exchange(&mut client, b"again"), b"again");
}

#[test]
fn the_screen_is_the_originals_and_each_line_is_out_before_the_server_waits() {
    let mut server = Server::start(BINARY);
    server.program.shows(WAITING);
    let mut first = connect(&server);
    let talking = format!("{WAITING}{}", connected_from(&first));
    server.program.shows(&talking);
    exchange(&mut first, b"hello");
    drop(first);
    server.program.shows(&format!("{talking}{WAITING}"));
    let second = connect(&server);
    let talking = format!("{talking}{WAITING}{}", connected_from(&second));
    server.program.shows(&talking);

    let ended = server.program.end();
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

#[test]
fn the_bytes_of_a_message_come_back_unchanged() {
    let server = Server::start(BINARY);
    let mut client = connect(&server);
    let every_byte: Vec<u8> = (0..=255).collect();
    for message in [
        b" ".as_slice(),
        b"  two  spaces\tand a tab ",
        b"\r",
        b"\n",
        b"line\r\n",
        b"\0",
        b"no UTF-8: \xff\xc3\x28",
        "Gr\u{fc}\u{df}e \u{2603}".as_bytes(),
        &every_byte,
    ] {
        assert_eq!(exchange(&mut client, message), message);
    }
}

#[test]
fn up_to_bufsiz_bytes_come_back_as_one_reply() {
    let server = Server::start(BINARY);
    let mut client = connect(&server);
    for length in [1, 996, 997, 998, BUFSIZ - 1, BUFSIZ] {
        let message = vec![b'x'; length];
        assert_eq!(exchange(&mut client, &message), message, "{length} bytes");
    }
}

#[test]
fn a_longer_message_comes_back_in_pieces_of_at_most_bufsiz() {
    for length in [BUFSIZ + 1, 3000] {
        let server = Server::start(BINARY);
        let mut client = connect(&server);
        let message: Vec<u8> = (0..length).map(|i| b'a' + (i % 26) as u8).collect();
        let since = now();
        client.write_all(&message).unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let mut stream = Vec::new();
        client.read_to_end(&mut stream).unwrap();
        let pieces = unstamp_all(&stream, since);
        assert!(pieces.len() >= length.div_ceil(BUFSIZ));
        assert!(pieces.iter().all(|piece| piece.len() <= BUFSIZ));
        assert_eq!(pieces.concat(), message);
    }
}

#[test]
fn a_client_that_says_nothing_is_served_too() {
    let mut server = Server::start(BINARY);
    let silent = connect(&server);
    let screen = format!("{WAITING}{}{WAITING}", connected_from(&silent));
    drop(silent);
    server.program.shows(&screen);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn after_a_half_close_the_reply_still_comes() {
    let server = Server::start(BINARY);
    let mut client = connect(&server);
    let since = now();
    client.write_all(b"last words").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let mut reply = Vec::new();
    client.read_to_end(&mut reply).unwrap();
    assert_eq!(unstamp(&reply, since), b"last words");
}

#[test]
fn clients_that_queue_are_served_in_turn() {
    let mut server = Server::start(BINARY);
    let mut clients: Vec<TcpStream> = (0..4).map(|_| connect(&server)).collect();
    for (number, client) in clients.iter_mut().enumerate() {
        client
            .write_all(format!("client {number}").as_bytes())
            .unwrap();
    }
    let mut screen = String::new();
    for (number, mut client) in clients.into_iter().enumerate() {
        // The screen names this client and none of those behind it.
        screen += WAITING;
        screen += &connected_from(&client);
        server.program.shows(&screen);
        let mut reply = [0; common::STAMP + 8];
        client.read_exact(&mut reply).unwrap();
        assert!(reply.ends_with(format!("client {number}").as_bytes()));
        assert_eq!(server.program.screen(), screen);
    }
}

#[test]
fn a_thousand_connections_leave_no_descriptor_behind() {
    let mut server = Server::start(BINARY);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
    let waits = |connections: usize| {
        move |server: &Running| server.screen().matches(WAITING).count() == connections + 1
    };
    server.program.wait_until("the first is gone", waits(1));
    let before = server.program.descriptors();
    for _ in 0..1000 {
        exchange(&mut connect(&server), b"hello");
    }
    server.program.wait_until("all are gone", waits(1001));
    assert_eq!(server.program.descriptors(), before);
}

#[test]
fn a_reset_ends_only_that_conversation() {
    let mut server = Server::start(BINARY);
    let mut client = connect(&server);
    exchange(&mut client, b"hello");
    let (port, peer) = (client.local_addr().unwrap().port(), connected_from(&client));
    reset(client);
    let messages = server.program.errors(2);
    let lost =
        format!("tcp-server: recv 127.0.0.1:{port}: Connection reset by peer (os error 104)");
    assert_eq!(messages[1..], [lost]);
    server.program.shows(&format!("{WAITING}{peer}{WAITING}"));
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn a_broken_pipe_ends_only_that_conversation() {
    let mut server = Server::start(BINARY);
    // While the server stands still, a client speaks, half-closes and resets:
    // the server can read the message and finds nobody to answer.
    server.program.stop();
    let mut client = connect(&server);
    client.write_all(b"hello").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let port = client.local_addr().unwrap().port();
    reset(client);
    server.program.go_on();
    let messages = server.program.errors(2);
    let lost = format!("tcp-server: send 127.0.0.1:{port}: Broken pipe (os error 32)");
    assert_eq!(messages[1..], [lost]);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn an_aborted_accept_costs_one_line_and_the_server_goes_on() {
    let fault = "accept4:error=ECONNABORTED:when=1";
    let Some(mut command) = support::with_fault(fault, BINARY) else {
        return;
    };
    let mut server = Server::announced(&mut command);
    let messages = server.program.errors(2);
    let aborted = "tcp-server: accept: Software caused connection abort (os error 103)";
    assert_eq!(messages[1..], [aborted]);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn out_of_descriptors_it_ends_with_24() {
    // Three standard descriptors, the listening socket, and none for a client.
    let limited = "ulimit -n 4; exec \"$0\" 127.0.0.1 0";
    let ended = run(&mut command("sh", &["-c", limited, BINARY]), "");
    let last = ended.stderr.lines().last().unwrap();
    let message = "tcp-server: accept 127.0.0.1:0: Too many open files (os error 24)";
    assert_eq!((ended.status, last), (24, message));
}

#[test]
fn it_starts_again_at_once_after_a_client_was_cut_off() {
    let server = Server::start(BINARY);
    let mut cut_off = connect(&server);
    exchange(&mut cut_off, b"hello");
    let (addr, port) = (server.addr, server.port());
    assert_eq!(server.program.end().status, 128 + 9);
    // The connection is still there, on the server's port: no bar.
    let mut program = Running::start(&mut command(BINARY, &["127.0.0.1", &port]));
    program.shows(WAITING);
    let again = Server { program, addr };
    assert_eq!(exchange(&mut connect(&again), b"hello"), b"hello");
    assert_eq!(
        again.program.end().stderr,
        "",
        "a given port is not announced"
    );
}

#[test]
fn an_address_in_use_is_98() {
    servers::an_address_in_use_is_98(BINARY, "tcp-server");
}

#[test]
fn an_address_of_another_machine_is_99() {
    servers::an_address_of_another_machine_is_99(BINARY, "tcp-server");
}

#[test]
fn a_port_below_1024_is_13_without_the_right_to_it() {
    servers::a_port_below_1024_is_13_without_the_right_to_it(BINARY, "tcp-server");
}

#[test]
fn a_closed_standard_output_ends_it_quietly_with_32() {
    servers::a_closed_standard_output_ends_it_quietly_with_32(BINARY, "tcp-server");
}

#[test]
fn a_full_standard_output_is_28() {
    servers::a_full_standard_output_is_28(BINARY, "tcp-server");
}

#[test]
fn a_closed_standard_error_is_no_reason_to_stop() {
    let addr = support::free_addr();
    let script = "exec \"$0\" 127.0.0.1 \"$1\" 2>/dev/full";
    let port = addr.port().to_string();
    let mut program = Running::start(&mut command("sh", &["-c", script, BINARY, &port]));
    program.shows(WAITING);
    let mut server = Server { program, addr };
    let client = connect(&server);
    let screen = format!("{WAITING}{}{WAITING}", connected_from(&client));
    reset(client);
    server.program.shows(&screen);
    assert_eq!(exchange(&mut connect(&server), b"hello"), b"hello");
}

#[test]
fn without_arguments_it_listens_on_port_21567_of_every_interface() {
    servers::the_constants_are_the_originals(BINARY, "tcp");
}

#[test]
fn help_and_version_answer() {
    arguments::questions_are_answered(BINARY, "tcp-server", "");
}

#[test]
fn wrong_arguments_are_2() {
    arguments::wrong_ones_are_refused(BINARY, "tcp-server");
}

#[test]
fn a_host_without_ipv4_address_is_1() {
    arguments::hosts_without_address_end_it(BINARY, "tcp-server", "");
}
