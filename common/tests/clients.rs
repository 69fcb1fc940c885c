//! What both clients do alike.

#[path = "support/draw.rs"]
mod draw;
mod support;

use common::BUFSIZ;
use proptest::prelude::*;
use std::io::Write;
use std::net::Shutdown;
use support::tcp::{self, Peer};
use support::{Ended, Running, our, udp};

/// A message that a client must send, and what it is answered; none ends the
/// conversation from the server's side.
type Exchange<'a> = (&'a [u8], Option<&'a [u8]>);

/// Types keys into a client, which looks up the name of its server, holds the
/// conversation that they must become, and returns how the client ended.
type Talk = fn(&[u8], &[Exchange]) -> Ended;

const BOTH: [(&str, Talk); 2] = [("tcp-client", talk_tcp), ("udp-client", talk_udp)];

fn talk_tcp(keys: &[u8], exchanges: &[Exchange]) -> Ended {
    let peer = Peer::new();
    let port = peer.addr().port().to_string();
    let mut client = Running::start(&mut our("tcp-client", &["localhost", &port]));
    client.type_in(keys);
    client.end_input();
    let mut stream = peer.accept();
    for (message, reply) in exchanges {
        tcp::expect(&mut stream, message);
        match reply {
            Some(reply) => stream.write_all(reply).unwrap(),
            None => stream.shutdown(Shutdown::Write).unwrap(),
        }
    }
    tcp::expect_end(&mut stream);
    client.finish()
}

fn talk_udp(keys: &[u8], exchanges: &[Exchange]) -> Ended {
    let peer = udp::socket();
    let port = peer.local_addr().unwrap().port().to_string();
    let mut client = Running::start(&mut our("udp-client", &["localhost", &port]));
    client.type_in(keys);
    client.end_input();
    for (message, reply) in exchanges {
        let from = udp::expect(&peer, message);
        peer.send_to(reply.unwrap_or_default(), from).unwrap();
    }
    let ended = client.finish();
    peer.set_nonblocking(true).unwrap();
    let more = peer.recv(&mut [0; 1]);
    assert!(more.is_err(), "nothing more from the client");
    ended
}

/// These lines come back as they are, and the client ends well with this screen.
fn echoes(keys: &[u8], lines: &[&[u8]], screen: &str) {
    let exchanges: Vec<Exchange> = lines.iter().map(|line| (*line, Some(*line))).collect();
    for (_, talk) in BOTH {
        talk(keys, &exchanges).is_well(screen);
    }
}

#[test]
fn an_empty_line_ends_it() {
    echoes(b"\nnever sent\n", &[], "> ");
}

#[test]
fn the_end_of_input_ends_it_on_a_line_of_its_own() {
    echoes(b"", &[], "> \n");
}

#[test]
fn a_last_line_without_its_end_counts() {
    echoes(b"first\nlast", &[b"first", b"last"], "> first\n> last\n> \n");
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

#[test]
fn bytes_that_are_no_utf8_are_sent_as_they_are_and_shown_replaced() {
    let line = b"caf\xe9 \xff \x1b[2J\x07\x08\x7f";
    echoes(line, &[line], "> caf\u{fffd} \u{fffd} \x1b[2J\x07\x08\x7f\n> \n");
}

#[test]
fn a_line_whose_reply_does_not_fit_is_sent_with_a_warning() {
    for length in [1, 996, 997, 998, 1024, 1025, 3000] {
        let line = vec![b'x'; length];
        let reply = &line[..length.min(BUFSIZ)];
        for (program, talk) in BOTH {
            let ended = talk(&line, &[(&line, Some(reply))]);
            let shown = String::from_utf8_lossy(reply);
            let screen = format!("> {shown}\n> \n");
            assert_eq!((ended.status, ended.screen()), (0, screen));
            let warning = match length {
                ..=997 => String::new(),
                _ => format!(
                    "{program}: a line of {length} bytes, longer than the 997 \
                     whose reply fits in 1024\n"
                ),
            };
            assert_eq!(ended.stderr, warning);
        }
    }
}

#[test]
fn the_servers_end_ends_it_with_0() {
    for (_, talk) in BOTH {
        talk(b"hello\nnever sent\n", &[(b"hello", None)]).is_well("> ");
    }
}

#[test]
fn any_conversation_ends_as_the_model_says() {
    let reply = prop::option::weighted(0.9, draw::bytes(1..=BUFSIZ));
    let exchanges = prop::collection::vec((draw::line(1500), reply), 0..8);
    draw::check((exchanges, any::<bool>()), |(exchanges, empty_line)| {
        let mut keys = Vec::new();
        for (line, _) in &exchanges {
            keys.extend([line, b"\n".as_slice()].concat());
        }
        if empty_line {
            keys.extend(b"\nnever sent\n");
        }
        let (mut expected, mut screen, mut warnings): (Vec<Exchange>, _, _) =
            (Vec::new(), "> ".to_owned(), 0);
        let mut over = empty_line;
        for (line, reply) in &exchanges {
            expected.push((line, reply.as_deref()));
            warnings += usize::from(line.len() > BUFSIZ - common::STAMP_LEN);
            let Some(reply) = reply else {
                over = true;
                break;
            };
            screen += &format!("{}\n> ", String::from_utf8_lossy(reply));
        }
        screen += if over { "" } else { "\n" };
        for (_, talk) in BOTH {
            let ended = talk(&keys, &expected);
            assert_eq!((ended.status, ended.screen()), (0, screen.clone()));
            assert_eq!(ended.stderr.lines().count(), warnings, "{}", ended.stderr);
        }
    });
}
