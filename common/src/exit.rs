//! How a program ends: errors are values until [`run`] prints them and ends
//! with their exit status.

use crate::{Addr, warn};
use std::sync::OnceLock;
use std::{fmt, io, process};

/// The result of a call: a value, or the [`Exit`] that ends the program.
pub type Result<T = ()> = std::result::Result<T, Exit>;

/// Why a program ends before its last line. Python would raise an exception.
#[derive(Debug, PartialEq, Eq)]
pub struct Exit {
    /// The exit status: the system's number of the error, 1 for an error without
    /// a number, 2 for wrong arguments.
    pub status: i32,
    /// Printed on standard error, unless it is empty.
    pub message: String,
}

impl Exit {
    /// An end with this status and this message.
    pub fn new(status: i32, message: impl Into<String>) -> Exit {
        let message = message.into();
        Exit { status, message }
    }

    /// The same end, with what failed in front of its message: a call, a stream.
    pub(crate) fn of(self, what: &str) -> Exit {
        Exit::new(self.status, format!("{what}: {self}"))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<io::Error> for Exit {
    fn from(error: io::Error) -> Exit {
        Exit::new(error.raw_os_error().unwrap_or(1), error.to_string())
    }
}

/// Puts the name of a call and its address in front of its error.
pub trait At<T> {
    /// Says that it was `call` on `addr` that failed.
    ///
    /// # Errors
    /// The same ones, as an [`Exit`].
    fn at(self, call: &str, addr: &Addr) -> Result<T>;
}

impl<T, E: Into<Exit>> At<T> for std::result::Result<T, E> {
    fn at(self, call: &str, addr: &Addr) -> Result<T> {
        self.map_err(|error| error.into().of(&format!("{call} {}", addr.endpoint())))
    }
}

/// The name of the program and what it is for.
pub(crate) static PROGRAM: OnceLock<[&str; 2]> = OnceLock::new();

/// Runs a program and ends with its exit status. `name` and `about` are for its
/// messages and for `--help`.
pub fn run(name: &'static str, about: &'static str, program: fn() -> Result) {
    PROGRAM.get_or_init(|| [name, about]);
    if let Err(exit) = program() {
        if !exit.message.is_empty() {
            warn(&exit);
        }
        process::exit(exit.status);
    }
}
