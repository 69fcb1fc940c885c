//! The TCP server, with clients that behave well or badly.

#[cfg(target_os = "linux")]
mod linux;
#[path = "../../common/tests/support/servers.rs"]
mod servers;
#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP_LEN};
use proptest::collection::vec;
use proptest::prelude::*;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use support::screens::{TCP_WAITING as WAITING, answer};
use support::tcp::{connect, connected_from, exchange, reset, serves};
use support::{PROGRAM, Running, Server, assert_same, eventually, number, program_at};

/// The messages in all replies until the server closes the connection; none has a `[`.
fn messages(client: &mut TcpStream) -> Vec<u8> {
    let mut stream = Vec::new();
    client.read_to_end(&mut stream).unwrap();
    let replies = stream.split(|byte| *byte == b'[').skip(1);
    let message = |reply: &[u8]| {
        let (stamp, message) = reply.split_at(STAMP_LEN - 1);
        assert!(stamp.ends_with(b"] ") && (1..=BUFSIZ).contains(&message.len()));
        message.to_vec()
    };
    replies.flat_map(message).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(windows) { 5 } else { 50 },
        max_shrink_iters: 50,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    /// Also those that are under way when the client has closed its sending side.
    #[test]
    fn any_bytes_in_any_pieces_come_back_in_order(
        pieces in vec(vec(any::<u8>().prop_filter("no [", |byte| *byte != b'['), 1..=3000), 0..12)
    ) {
        let server = Server::start();
        let mut client = connect(&server);
        for piece in &pieces {
            client.write_all(piece).unwrap();
        }
        client.shutdown(Shutdown::Write).unwrap();
        let got = messages(&mut client);
        assert_same("what tcp-server sends back", got, answer(&pieces.concat()));
        prop_assert_eq!(server.program.kill().stderr.lines().count(), 1, "no error");
    }
}

#[test]
fn a_client_that_never_reads_blocks_only_those_that_queue_behind_it() {
    let server = Server::start();
    let mut greedy = connect(&server);
    let screen = format!("{WAITING}{}", connected_from(&greedy));
    server.program.shows(&screen);
    // It sends until the replies that it does not read fill every buffer.
    greedy.set_nonblocking(true).unwrap();
    eventually("full buffers", || {
        let full = greedy.write_all(&[b'x'; 65536]).err()?;
        (full.kind() == ErrorKind::WouldBlock).then_some(())
    });
    let mut queued = connect(&server);
    queued.write_all(b"hello").unwrap();
    assert_eq!(server.program.screen(), screen, "one client at a time");
    reset(greedy);
    queued.read_exact(&mut [0; STAMP_LEN + 5]).unwrap();
    assert_eq!(server.program.errors(2).len(), 2, "one message");
}

#[test]
fn a_reset_ends_only_that_conversation() {
    let server = Server::start();
    let mut screen = WAITING.to_owned();
    eventually("a reset that the server sees", || {
        let mut client = connect(&server);
        exchange(&mut client, b"hello");
        let start = format!("{PROGRAM}: recv {}: ", client.local_addr().unwrap());
        screen += &format!("{}{WAITING}", connected_from(&client));
        reset(client);
        server.program.shows(&screen);
        let lines = if cfg!(unix) { 2 } else { 1 };
        let message = server.program.errors(lines).pop().unwrap();
        let seen = message.starts_with(&start);
        assert!(seen || cfg!(windows), "{message}");
        seen.then(|| assert!(message.ends_with(&format!(" (os error {})", number::RESET))))
    });
    serves(&server);
}

#[test]
#[cfg(unix)]
fn a_server_killed_in_a_conversation_can_start_again_at_once() {
    let server = Server::start();
    let client = connect(&server);
    server.program.shows(&format!("{WAITING}{}", connected_from(&client)));
    server.program.kill();
    Running::start(&mut program_at(server.addr.port())).shows(WAITING);
}
