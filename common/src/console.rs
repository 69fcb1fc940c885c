//! Standard output, standard input, and messages on standard error.

use crate::{Exit, Result, STAMP_LEN};
use std::env;
use std::fmt::Display;
use std::io::{self, BufRead, ErrorKind, Write};
use std::path::Path;

/// Prints a line, as Python's `print(line, flush=True)`. Fails if standard output accepts no more;
/// without a message if its reader has closed it (`| head -1`).
pub fn print(line: impl Display) -> Result<()> {
    show(&format!("{line}\n"))
}

fn show(text: &str) -> Result<()> {
    let mut stdout = io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    written.map_err(|error| match error.kind() {
        ErrorKind::BrokenPipe => Exit { text: String::new(), ..error.into() },
        _ => Exit { call: "write to standard output: ".to_owned(), ..error.into() },
    })
}

/// Prompts for a line and reads it, as Python's `input(prompt)`, but as bytes. The end of input
/// (Python: `EOFError`) is an empty line. Fails if standard input cannot be read.
pub fn input(prompt: &str) -> Result<Vec<u8>> {
    show(prompt)?;
    let mut line = Vec::new();
    let read = io::stdin().lock().read_until(b'\n', &mut line);
    let call = || "read standard input: ".to_owned();
    if read.map_err(|error| Exit { call: call(), ..error.into() })? == 0 {
        print("")?;
    }
    // On Windows a line ends in two bytes; Python removes both there.
    for end in if cfg!(windows) { "\n\r" } else { "\n" }.bytes() {
        if line.last() == Some(&end) {
            line.pop();
        }
    }
    Ok(line)
}

/// Prints a message on standard error, after the program's name. A failure to do so is ignored.
pub fn warn(message: impl Display) {
    let line = format!("{}: {message}\n", program());
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Warns of a line whose reply, timestamp included, is longer than `bufsiz` bytes.
pub fn warn_if_long(data: &[u8], bufsiz: usize) {
    let (length, fits) = (data.len(), bufsiz.saturating_sub(STAMP_LEN));
    if length > fits {
        let why = format!("above {fits}, the reply does not fit in {bufsiz} bytes");
        warn(format!("warning: this line is {length} bytes; {why}"));
    }
}

/// The name under which the program runs, without its folder and `.exe`.
pub(crate) fn program() -> String {
    let path = env::args_os().next().unwrap_or_default();
    Path::new(&path).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
