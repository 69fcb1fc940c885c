//! Standard output, standard input, and messages on standard error.

use crate::exit::PROGRAM;
use crate::{BUFSIZ, Exit, Result, STAMP_LEN};
use std::fmt::Display;
use std::io::{self, BufRead, ErrorKind, Write};

/// Prints a line, as Python's `print(line, flush=True)`.
///
/// # Errors
/// Where standard output takes no more; without a message where its reader has
/// closed it (`| head -1`), for nobody needs to be told.
pub fn print(line: impl Display) -> Result {
    show(&format!("{line}\n"))
}

fn show(text: &str) -> Result {
    let mut stdout = io::stdout().lock();
    let written = write!(stdout, "{text}").and_then(|()| stdout.flush());
    written.map_err(|error| match (error.kind(), Exit::from(error)) {
        (ErrorKind::BrokenPipe, exit) => Exit::new(exit.status, ""),
        (_, exit) => exit.of("write to standard output"),
    })
}

/// Prompts for a line and reads it, as Python's `input(prompt)`, but as bytes:
/// only its line end is taken off. The end of the input is an empty line here,
/// `EOFError` there; it ends the line on the screen too.
///
/// # Errors
/// Where standard input cannot be read, or standard output takes no more.
pub fn input(prompt: &str) -> Result<Vec<u8>> {
    show(prompt)?;
    let mut line = Vec::new();
    let read = io::stdin().lock().read_until(b'\n', &mut line);
    if read.map_err(|error| Exit::from(error).of("read standard input"))? == 0 {
        print("")?;
    }
    // Windows ends a line by two bytes; Python takes both off there.
    for end in if cfg!(windows) { "\n\r" } else { "\n" }.bytes() {
        if line.last() == Some(&end) {
            line.pop();
        }
    }
    Ok(line)
}

/// Prints a message on standard error, after the program's name. A standard
/// error that takes nothing is no reason to stop.
pub fn warn(message: impl Display) {
    let [name, _] = PROGRAM.get().copied().unwrap_or_default();
    let line = format!("{name}: {message}\n");
    let _ = io::stderr().write_all(line.as_bytes());
}

/// Warns of a line whose stamped reply the client cannot receive whole.
pub fn warn_if_long(data: &[u8]) {
    let (length, fits) = (data.len(), BUFSIZ - STAMP_LEN);
    if length > fits {
        warn(format!(
            "a line of {length} bytes, longer than the {fits} whose reply fits in {BUFSIZ}"
        ));
    }
}
