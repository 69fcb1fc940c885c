//! What both clients do alike.

#[path = "support/draw.rs"]
mod draw;
mod support;

use common::BUFSIZ;
use proptest::prelude::*;
use std::io::Write;
use std::net::{Shutdown, SocketAddr};
use support::screens::PROMPT;
use support::tcp::{self, Peer};
use support::{Ended, Running, our, udp};

/// A message that a client must send, and what it is answered; none ends the
/// conversation from the server's side.
type Exchange<'a> = (&'a [u8], Option<&'a [u8]>);

/// What is on a client's screen after these.
fn shown(exchanges: &[Exchange]) -> String {
    let replies = exchanges.iter().filter_map(|(_, reply)| *reply);
    let replies = replies.map(|reply| format!("{}\n{PROMPT}", String::from_utf8_lossy(reply)));
    PROMPT.to_owned() + &replies.collect::<String>()
}

/// Starts a client, which looks up the name of its server. Each line is typed when the
/// reply to the last one is shown; what becomes of the message is the test's.
fn converse(
    (program, server): (&str, SocketAddr),
    keys: &[u8],
    exchanges: &[Exchange],
    mut exchange: impl FnMut(&[u8], Option<&[u8]>),
) -> Ended {
    let port = server.port().to_string();
    let mut client = Running::start(&mut our(program, &["localhost", &port]));
    let mut lines = keys.split_inclusive(|key| *key == b'\n');
    for (at, (message, reply)) in exchanges.iter().enumerate() {
        client.shows(&shown(&exchanges[..at]));
        let line = lines.next().unwrap();
        client.type_in(line);
        if !line.ends_with(b"\n") {
            client.end_input();
        }
        exchange(message, *reply);
    }
    for line in lines {
        client.type_in(line);
    }
    client.finish()
}

/// Types keys into each client, holds the conversation that they must become, and
/// returns how the clients ended.
fn talk(keys: &[u8], exchanges: &[Exchange]) -> [Ended; 2] {
    let (peer, mut stream) = (Peer::new(), None);
    let tcp = converse(("tcp-client", peer.addr()), keys, exchanges, |message, reply| {
        let stream = stream.get_or_insert_with(|| peer.accept());
        tcp::expect(stream, message);
        match reply {
            Some(reply) => stream.write_all(reply).unwrap(),
            None => stream.shutdown(Shutdown::Write).unwrap(),
        }
    });
    tcp::expect_end(&mut stream.unwrap_or_else(|| peer.accept()));

    let peer = udp::socket();
    let to = ("udp-client", peer.local_addr().unwrap());
    let udp = converse(to, keys, exchanges, |message, reply| {
        let from = udp::expect(&peer, message);
        peer.send_to(reply.unwrap_or_default(), from).unwrap();
    });
    peer.set_nonblocking(true).unwrap();
    assert!(peer.recv(&mut [0; 1]).is_err(), "udp-client sends more");
    [tcp, udp]
}

/// These lines come back as they are, and the clients end well with this screen.
fn echoes(keys: &[u8], lines: &[&[u8]], screen: &str) {
    let exchanges: Vec<Exchange> = lines.iter().map(|line| (*line, Some(*line))).collect();
    for ended in talk(keys, &exchanges) {
        ended.is_well(screen);
    }
}

#[test]
fn an_empty_line_the_end_of_input_or_the_servers_end_ends_it_with_0() {
    echoes(b"\nnever sent\n", &[], "> ");
    echoes(b"", &[], "> \n");
    echoes(b"first\nlast", &[b"first", b"last"], "> first\n> last\n> \n");
    for ended in talk(b"hello\nnever sent\n", &[(b"hello", None)]) {
        ended.is_well("> ");
    }
}

/// That is one `\n`; on Windows also one `\r` before it.
#[test]
fn only_its_end_is_taken_off_a_line() {
    let lines: [&[u8]; 4] = [b"  two  spaces ", b"\ta tab\t", b"\0", b" "];
    let screen = ">   two  spaces \n> \ta tab\t\n> \0\n>  \n> ";
    let keys = [lines.join(b"\n".as_slice()).as_slice(), b"\n\n"].concat();
    echoes(&keys, &lines, screen);
    if cfg!(windows) {
        echoes(b"dos\r\r\n\r\n", &[b"dos\r"], "> dos\r\n> ");
    } else {
        echoes(b"dos\r\n\r\n\n", &[b"dos\r", b"\r"], "> dos\r\n> \r\n> ");
    }
}

/// A letter in three replies is no letter.
#[test]
fn bytes_that_are_no_utf8_are_sent_as_they_are_and_shown_replaced() {
    let line = b"caf\xe9 \xff \x1b[2J\x07\x08\x7f";
    echoes(line, &[line], "> caf\u{fffd} \u{fffd} \x1b[2J\x07\x08\x7f\n> \n");
    let bytes = [b"\xe2".as_slice(), b"\x98", b"\x83"];
    echoes(&bytes.join(&b'\n'), &bytes, "> \u{fffd}\n> \u{fffd}\n> \u{fffd}\n> \n");
}

#[test]
fn a_line_whose_reply_does_not_fit_is_sent_with_a_warning() {
    for length in [1, 996, 997, 998, 1024, 1025, 3000] {
        let line = vec![b'x'; length];
        let exchange = (line.as_slice(), Some(&line[..length.min(BUFSIZ)]));
        for (program, ended) in ["tcp-client", "udp-client"].iter().zip(talk(&line, &[exchange])) {
            let warning = match length {
                ..=997 => String::new(),
                _ => format!(
                    "{program}: a line of {length} bytes, longer than the 997 \
                     whose reply fits in 1024\n"
                ),
            };
            ended.is(0, &format!("{}\n", shown(&[exchange])), &warning);
        }
    }
}

#[test]
fn any_conversation_ends_as_the_model_says() {
    let byte = any::<u8>().prop_filter("one line", |byte| !b"\r\n".contains(byte));
    let line = prop::collection::vec(byte, 1..=1500);
    let reply = prop::collection::vec(any::<u8>(), 1..=BUFSIZ);
    let exchanges = prop::collection::vec((line, prop::option::weighted(0.9, reply)), 0..8);
    draw::check(draw::MANY, (exchanges, any::<bool>()), |(mut exchanges, empty_line)| {
        let mut keys = Vec::new();
        for (line, _) in &exchanges {
            keys.extend([line, b"\n".as_slice()].concat());
        }
        if empty_line {
            keys.extend(b"\nnever sent\n");
        }
        let servers_end = exchanges.iter().position(|(_, reply)| reply.is_none());
        exchanges.truncate(servers_end.map_or(exchanges.len(), |at| at + 1));
        let expected = exchanges.iter().map(|(line, reply)| (line.as_slice(), reply.as_deref()));
        let expected: Vec<Exchange> = expected.collect();
        let end = if empty_line || servers_end.is_some() { "" } else { "\n" };
        let fits = BUFSIZ - common::STAMP_LEN;
        let warnings = expected.iter().filter(|(line, _)| line.len() > fits).count();
        for ended in talk(&keys, &expected) {
            assert_eq!(ended.stderr.lines().count(), warnings, "{}", ended.stderr);
            ended.is(0, &(shown(&expected) + end), &ended.stderr);
        }
    });
}
