//! What both clients do alike. The test file that includes this says which `Peer` they talk to.

use super::Peer;
#[cfg(target_os = "linux")]
use super::support::linux::faulty;
use super::support::screens::PROMPT;
use super::support::{Ended, PROGRAM, PROGRAM_PATH, Running};
use super::support::{command, program_at, run};
use common::{BUFSIZ, STAMP_LEN};
use proptest::collection::vec;
use proptest::prelude::*;

/// A message that a client must send, and its reply; none ends the client.
type Exchange<'a> = (&'a [u8], Option<&'a [u8]>);

/// The screen of a client after these.
fn screen(exchanges: &[Exchange]) -> String {
    let replies = exchanges.iter().filter_map(|(_, reply)| *reply);
    let replies = replies.map(|reply| format!("{}\n{PROMPT}", String::from_utf8_lossy(reply)));
    PROMPT.to_owned() + &replies.collect::<String>()
}

/// What a client says of a line of this length, if its reply does not fit.
fn warning(length: usize) -> String {
    if length <= BUFSIZ - STAMP_LEN {
        return String::new();
    }
    format!(
        "{PROGRAM}: warning: this line is {length} bytes; above 997, \
         the reply does not fit in 1024 bytes\n"
    )
}

/// Types each line when the client shows the reply to the line before it. The client must send
/// these messages; how did it exit?
fn talk(keys: &[u8], exchanges: &[Exchange]) -> Ended {
    let mut peer = Peer::new();
    let mut client = Running::start(&mut program_at(peer.addr().port()));
    let mut lines = keys.split_inclusive(|key| *key == b'\n');
    for (at, (message, reply)) in exchanges.iter().enumerate() {
        client.shows(&screen(&exchanges[..at]));
        let line = lines.next().unwrap();
        client.type_in(line);
        if !line.ends_with(b"\n") {
            client.end_input();
        }
        peer.expect(message);
        peer.reply(reply.unwrap_or_default());
    }
    for line in lines {
        client.type_in(line);
    }
    let ended = client.finish();
    peer.expect_end();
    ended
}

/// The replies are these lines, as they were typed; the client succeeds with this screen.
fn echoes(keys: &[u8], lines: &[&[u8]], screen: &str) {
    let exchanges: Vec<Exchange> = lines.iter().map(|line| (*line, Some(*line))).collect();
    talk(keys, &exchanges).is_well(screen);
}

#[test]
fn an_empty_line_the_end_of_input_or_an_empty_reply_ends_it_with_0() {
    echoes(b"\nnever sent\n", &[], "> ");
    echoes(b"", &[], "> \n");
    echoes(b"first\nlast", &[b"first", b"last"], "> first\n> last\n> \n");
    talk(b"hello\nnever sent\n", &[(b"hello", None)]).is_well("> ");
}

/// The line end is one `\n`; on Windows also one `\r` before it.
#[test]
fn only_the_line_end_is_removed() {
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
fn a_line_whose_reply_does_not_fit_is_sent_with_a_warning() {
    for length in [1, 997, 998, 3000] {
        let line = vec![b'x'; length];
        let exchange = (line.as_slice(), Some(&line[..length.min(BUFSIZ)]));
        talk(&line, &[exchange]).is(0, &format!("{}\n", screen(&[exchange])), &warning(length));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(windows) { 5 } else { 50 }, // Wine takes a quarter of a second to start it
        max_shrink_iters: 50,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_conversation_ends_as_the_model_says(
        exchanges in vec(
            (
                vec(any::<u8>().prop_filter("one line", |byte| !b"\r\n".contains(byte)), 1..=1500),
                vec(any::<u8>(), 1..=BUFSIZ),
            ),
            0..8,
        ),
        end in prop::sample::select(vec!["end of input", "empty line", "empty reply"]),
    ) {
        let lines = exchanges.iter().map(|(line, _)| [line, b"\n".as_slice()].concat());
        let mut keys = lines.collect::<Vec<_>>().concat();
        let expected = exchanges.iter().map(|(line, reply)| (line.as_slice(), Some(&reply[..])));
        let mut expected: Vec<Exchange> = expected.collect();
        let mut newline = "";
        match end {
            "end of input" => newline = "\n",
            "empty line" => keys.extend(b"\nnever sent\n"),
            _ => {
                keys.extend(b"last\nnever sent\n");
                expected.push((b"last", None));
            }
        }
        let warnings: String = expected.iter().map(|(line, _)| warning(line.len())).collect();
        talk(&keys, &expected).is(0, &(screen(&expected) + newline), &warnings);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn it_receives_again_after_an_interrupted_call() {
    let mut peer = Peer::new();
    let fault = "connect,recvfrom:error=EINTR:when=1";
    let Some(mut client) = faulty(&program_at(peer.addr().port()), fault) else {
        return;
    };
    let client = Running::start(&mut client);
    client.type_in("hello\n\n");
    peer.expect(b"hello");
    peer.reply(b"hello");
    client.finish().is_well("> hello\n> ");
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_input_that_cannot_be_read_ends_it_with_21() {
    let peer = Peer::new();
    let folder = ["-c", "exec \"$0\" 127.0.0.1 \"$1\" </", PROGRAM_PATH];
    let ended = run(command("sh", &folder).arg(peer.addr().port().to_string()), "");
    ended.failed_with(21, "read standard input");
    assert_eq!(ended.screen, PROMPT);
}
