//! How a program ends: errors are values until [`run`] prints them and picks
//! the exit status.

use crate::{Addr, Console};
use std::fmt;
use std::io::{self, ErrorKind};
use std::process;

/// What a call of a program comes to: a value, or the program's end.
pub type Result<T = (), E = Exit> = std::result::Result<T, E>;

/// Why a program ends before its last line.
#[derive(Debug)]
pub enum Exit {
    /// A call failed; Python would raise `OSError`.
    Failed {
        /// The call as Python names it: `connect`, `sendto` …
        call: &'static str,
        /// What it was called on, as a rule `host:port`.
        target: String,
        /// What the system said.
        error: io::Error,
    },
    /// Standard output took no more.
    Screen(io::Error),
    /// The arguments were wrong: what is wrong with them.
    Usage(String),
    /// The arguments asked for this text (`--help`, `--version`), not for a run.
    Answer(String),
}

impl Exit {
    /// The exit status: the number that the system gave the error, 1 for an
    /// error without a number, 2 for wrong arguments.
    pub fn status(&self) -> i32 {
        match self {
            Exit::Failed { error, .. } | Exit::Screen(error) => error.raw_os_error().unwrap_or(1),
            Exit::Usage(_) => 2,
            Exit::Answer(_) => 0,
        }
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Failed {
                call,
                target,
                error,
            } => {
                write!(f, "{call} {target}: ")?;
                // What the end of SO_RCVTIMEO is called: here, and on Windows.
                let timeout = [ErrorKind::WouldBlock, ErrorKind::TimedOut];
                if *call != "recvfrom" || !timeout.contains(&error.kind()) {
                    return write!(f, "{error}");
                }
                let (seconds, number) = (crate::REPLY_TIMEOUT.as_secs(), self.status());
                write!(f, "no reply within {seconds} seconds (os error {number})")
            }
            Exit::Screen(error) => write!(f, "write to standard output: {error}"),
            Exit::Usage(text) | Exit::Answer(text) => f.write_str(text),
        }
    }
}

/// Gives an error of the system the name of the call and its address.
pub trait At<T> {
    /// Says that it was `call` on `addr` that failed.
    ///
    /// # Errors
    /// The same ones, as [`Exit::Failed`].
    fn at(self, call: &'static str, addr: &Addr) -> Result<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, call: &'static str, addr: &Addr) -> Result<T> {
        self.map_err(|error| Exit::Failed {
            call,
            target: addr.endpoint(),
            error,
        })
    }
}

/// Runs a program from its first line to its exit status. `name` and `about`
/// are for messages and `--help`.
pub fn run(name: &'static str, about: &'static str, program: fn(&mut Console) -> Result) -> ! {
    let mut console = Console::new(name, about);
    let ended = match program(&mut console) {
        Err(Exit::Answer(text)) => console.print(text),
        ended => ended,
    };
    process::exit(match ended {
        Ok(()) => 0,
        Err(exit) => {
            match &exit {
                // Whoever read our output has enough (`| head -1`): no news.
                Exit::Screen(error) if error.kind() == ErrorKind::BrokenPipe => {}
                exit => console.warn(exit),
            }
            exit.status()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{At, Exit};
    use crate::Addr;
    use std::io::{Error, ErrorKind};

    fn failed(call: &'static str, error: Error) -> Exit {
        let addr = Addr::new("127.0.0.1", 21567);
        Err::<(), _>(error).at(call, &addr).unwrap_err()
    }

    #[test]
    fn a_failure_names_call_and_address_and_carries_the_number() {
        let exit = failed("connect", Error::from_raw_os_error(111));
        let text = exit.to_string();
        assert!(text.starts_with("connect 127.0.0.1:21567: "), "{text}");
        assert!(text.ends_with(" (os error 111)"), "{text}");
        assert_eq!(exit.status(), 111);
    }

    #[test]
    fn an_error_without_a_number_is_1() {
        assert_eq!(
            failed("getaddrinfo", Error::other("no such host")).status(),
            1
        );
        assert_eq!(Exit::Screen(ErrorKind::WriteZero.into()).status(), 1);
    }

    #[test]
    fn wrong_arguments_are_2_and_answers_0() {
        assert_eq!(Exit::Usage("what?".into()).status(), 2);
        assert_eq!(Exit::Answer("1.0.0".into()).status(), 0);
    }

    #[test]
    fn only_a_reply_that_did_not_come_is_called_so() {
        let late = || Error::from(ErrorKind::WouldBlock);
        let text = failed("recvfrom", late()).to_string();
        assert!(text.contains(": no reply within 5 seconds ("), "{text}");
        let text = failed("accept", late()).to_string();
        assert!(!text.contains("no reply"), "{text}");
    }
}
