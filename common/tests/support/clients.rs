//! What both clients do alike. `talk` types keys into a client, takes the
//! messages that they must become, answers each with the same bytes, and
//! returns how the client ended.

use super::{Ended, Running, closed_stdout, command, full_stdout, run};
use std::process::Command;

/// A client that ended well, with this screen.
fn ended_well(ended: &Ended, screen: &str) {
    let all = (ended.status, ended.screen(), ended.stderr.as_str());
    assert_eq!(all, (0, screen.to_owned(), ""));
}

pub fn an_empty_line_ends_it(talk: impl Fn(&[u8], &[&[u8]]) -> Ended) {
    ended_well(&talk(b"\nnever sent\n", &[]), "> ");
}

pub fn the_end_of_input_ends_it_on_a_line_of_its_own(talk: impl Fn(&[u8], &[&[u8]]) -> Ended) {
    ended_well(&talk(b"", &[]), "> \n");
    ended_well(&talk(b"hello\n", &[b"hello"]), "> hello\n> \n");
}

pub fn a_last_line_without_its_newline_counts(talk: impl Fn(&[u8], &[&[u8]]) -> Ended) {
    let ended = talk(b"first\nlast", &[b"first", b"last"]);
    ended_well(&ended, "> first\n> last\n> \n");
}

pub fn nothing_but_one_newline_is_taken_off_a_line(talk: impl Fn(&[u8], &[&[u8]]) -> Ended) {
    let lines = ["  two  spaces ", "\ta tab\t", "\r", "dos\r", "\0", " "];
    let keys = lines.map(|line| format!("{line}\n")).concat();
    let screen = lines.map(|line| format!("> {line}\n")).concat() + "> \n";
    ended_well(&talk(keys.as_bytes(), &lines.map(str::as_bytes)), &screen);
}

pub fn bytes_that_are_no_utf8_are_sent_as_they_are_and_shown_replaced(
    talk: impl Fn(&[u8], &[&[u8]]) -> Ended,
) {
    let ended = talk(b"caf\xe9 \xff\n", &[b"caf\xe9 \xff"]);
    ended_well(&ended, "> caf\u{fffd} \u{fffd}\n> \n");
}

pub fn a_closed_standard_output_ends_it_quietly_with_32(client: &mut Command) {
    let ended = Running::start_with_stdout(client, closed_stdout()).finish();
    assert_eq!((ended.status, ended.stderr.as_str()), (32, ""));
}

pub fn a_full_standard_output_is_28(client: &mut Command) {
    let ended = Running::start_with_stdout(client, full_stdout()).finish();
    let full = ": write to standard output: No space left on device (os error 28)\n";
    assert_eq!(ended.status, 28);
    assert!(ended.stderr.ends_with(full), "{}", ended.stderr);
}

/// Its standard input is a folder; `port` is one that the client can talk to.
pub fn a_standard_input_that_cannot_be_read_ends_it_with_21(binary: &str, port: u16) {
    let script = "exec \"$0\" 127.0.0.1 \"$1\" </";
    let port = port.to_string();
    let ended = run(&mut command("sh", &["-c", script, binary, &port]), "");
    let folder = ": read standard input: Is a directory (os error 21)\n";
    assert_eq!((ended.status, ended.screen().as_str()), (21, "> "));
    assert!(ended.stderr.ends_with(folder), "{}", ended.stderr);
}

/// The warning for a line of this length, where its stamped reply does not fit.
pub fn warning(name: &str, length: usize) -> String {
    match length {
        ..=997 => String::new(),
        _ => format!(
            "{name}: a line of {length} bytes, longer than the 997 whose reply fits in 1024\n"
        ),
    }
}
