//! How a program exits: errors are values until [`run`] prints them.

use crate::console::{print, warn};
use std::io::{self, Error, ErrorKind};
use std::net::SocketAddr;
use std::panic::Location;
use std::time::Duration;
use std::{error, fmt, process};

/// What a call returns: a value, or the [`Exit`] that ends the program.
pub type Result<T> = std::result::Result<T, Exit>;

/// Why a program exits before its last line. Python would raise an exception.
#[derive(Debug)]
pub struct Exit {
    /// The exit status: the system's error number, or 1 if it has none; 2 for wrong arguments;
    /// 0 for `--help` and `--version`.
    pub status: i32,
    /// The call that failed, its address, and a colon; empty if there was no call.
    pub(crate) call: String,
    /// What happened; empty if nobody is left to read it.
    pub(crate) text: String,
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.call, self.text)
    }
}

impl error::Error for Exit {}

impl From<io::Error> for Exit {
    /// `?` calls this. The message names the line of Rust, as a traceback names that of Python.
    #[track_caller]
    fn from(error: io::Error) -> Exit {
        let line = Location::caller();
        let call = format!("{}:{}: ", line.file(), line.line());
        Exit { status: number_of(&error), call, text: error.to_string() }
    }
}

/// The system's error number, or 1 if it has none.
pub(crate) fn number_of(error: &Error) -> i32 {
    error.raw_os_error().unwrap_or(1)
}

/// What a program does with the result of a call, besides `?`.
pub trait At<T> {
    /// The same result; an error says that it was `call` with `addr` that failed.
    fn at(self, call: &str, addr: SocketAddr) -> Result<T>;

    /// The same result; an error that means "timed out" says that there was no reply. Its own text
    /// on Linux is "Resource temporarily unavailable".
    fn explain_timeout(self, timeout: Duration) -> Result<T>;

    /// The value. An error is printed on standard error, and then there is none: the program goes
    /// on.
    fn or_warn(self) -> Option<T>;
}

impl<T, E: Into<Exit>> At<T> for std::result::Result<T, E> {
    fn at(self, call: &str, addr: SocketAddr) -> Result<T> {
        self.map_err(|error| Exit { call: format!("{call} {addr}: "), ..error.into() })
    }

    fn explain_timeout(self, timeout: Duration) -> Result<T> {
        self.map_err(|error| {
            let exit = error.into();
            match Error::from_raw_os_error(exit.status).kind() {
                // On Unix; on Windows.
                ErrorKind::WouldBlock | ErrorKind::TimedOut => {
                    let (seconds, status) = (timeout.as_secs(), exit.status);
                    let text = format!("no reply within {seconds} seconds (os error {status})");
                    Exit { text, ..exit }
                }
                _ => exit,
            }
        })
    }

    fn or_warn(self) -> Option<T> {
        let result: Result<T> = self.map_err(Into::into);
        result.inspect_err(|exit| warn(exit)).ok()
    }
}

/// Runs a program and ends the process with its exit status.
pub fn run(program: fn() -> Result<()>) {
    let result = match program() {
        Err(exit) if exit.status == 0 => print(exit),
        result => result,
    };
    if let Err(exit) = result {
        if !exit.text.is_empty() {
            warn(&exit);
        }
        process::exit(exit.status);
    }
}
