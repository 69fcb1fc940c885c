//! What a program and its user say to each other: the command line, standard
//! output, standard input, and messages on standard error.

use crate::{Addr, At, BUFSIZ, Exit, Result, STAMP};
use socket2::Socket;
use std::env;
use std::ffi::OsString;
use std::fmt::{Display, Write as _};
use std::io::{self, BufRead, Write as _};

/// The command line, the screen and the keyboard of one program.
#[derive(Debug)]
pub struct Console {
    name: &'static str,
    about: &'static str,
    /// Output that waits for the next line, so that both go out in one write.
    held: String,
}

impl Console {
    pub(crate) fn new(name: &'static str, about: &'static str) -> Console {
        Console {
            name,
            about,
            held: String::new(),
        }
    }

    /// The address on the command line, `[HOST [PORT]]`; where it names none,
    /// the constants of the original.
    ///
    /// # Errors
    /// [`Exit::Usage`] where the arguments are wrong, [`Exit::Answer`] where
    /// they ask for help or for the version.
    pub fn addr(&self, host: &str, port: u16) -> Result<Addr> {
        self.parse(env::args_os().skip(1), host, port)
    }

    fn parse(&self, args: impl Iterator<Item = OsString>, host: &str, port: u16) -> Result<Addr> {
        let mut operands = Vec::new();
        for arg in args {
            let Ok(arg) = arg.into_string() else {
                return Err(self.usage("an argument is not UTF-8"));
            };
            match arg.as_str() {
                "-h" | "--help" => return Err(Exit::Answer(self.help(host, port))),
                "-V" | "--version" => {
                    let version = env!("CARGO_PKG_VERSION");
                    return Err(Exit::Answer(format!("{} {version}", self.name)));
                }
                flag if flag.starts_with('-') => {
                    return Err(self.usage(format_args!("unknown option '{flag}'")));
                }
                _ => operands.push(arg),
            }
        }
        let port = match operands.get(1).map(|port| (port, port.parse())) {
            None => port,
            Some((_, Ok(port))) => port,
            Some((text, Err(_))) => {
                let wrong = format!("PORT is a number from 0 to 65535, not '{text}'");
                return Err(self.usage(wrong));
            }
        };
        match operands.get(2) {
            Some(more) => Err(self.usage(format_args!("one argument too many: '{more}'"))),
            None => Ok(Addr::new(operands.first().map_or(host, |host| host), port)),
        }
    }

    fn usage(&self, wrong: impl Display) -> Exit {
        let name = self.name;
        Exit::Usage(format!("{wrong}\nusage: {name} [HOST [PORT]]"))
    }

    fn help(&self, host: &str, port: u16) -> String {
        let Console { name, about, .. } = self;
        format!(
            "{about}

Usage: {name} [HOST [PORT]]

Arguments:
  HOST  a name or an IPv4 address; for a server, '' is every interface
        [default: '{host}']
  PORT  0 to 65535; for a server, 0 lets the kernel pick one
        [default: {port}]

Options:
  -h, --help     print this help
  -V, --version  print the version"
        )
    }

    /// Prints a line, as Python's `print(line, flush=True)`.
    ///
    /// # Errors
    /// [`Exit::Screen`] where standard output takes no more.
    pub fn print(&mut self, line: impl Display) -> Result {
        self.hold(line);
        self.show()
    }

    /// Prints a line together with the next: for a line that another one
    /// follows without a wait between them.
    pub fn hold(&mut self, line: impl Display) {
        let _ = writeln!(self.held, "{line}"); // a String takes everything
    }

    /// Writes what is held, in one piece.
    fn show(&mut self) -> Result {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(self.held.as_bytes());
        self.held.clear();
        written.and_then(|()| stdout.flush()).map_err(Exit::Screen)
    }

    /// Prompts for a line and reads it, as Python's `input(prompt)`, but as
    /// bytes: only its `\n` is taken off. The end of the input is an empty
    /// line here, `EOFError` there; it ends the line on the screen too.
    ///
    /// # Errors
    /// Where standard input cannot be read, or standard output takes no more.
    pub fn input(&mut self, prompt: &str) -> Result<Vec<u8>> {
        self.held.push_str(prompt);
        self.show()?;
        let mut line = Vec::new();
        match io::stdin().lock().read_until(b'\n', &mut line) {
            Ok(0) => self.print("")?,
            Ok(_) => {
                // Windows ends a line by two bytes; Python takes both off there.
                let ends: &[u8] = if cfg!(windows) { b"\r\n" } else { b"\n" };
                if line.ends_with(ends) {
                    line.truncate(line.len() - ends.len());
                }
            }
            Err(error) => {
                return Err(Exit::Failed {
                    call: "read",
                    target: "standard input".to_owned(),
                    error,
                });
            }
        }
        Ok(line)
    }

    /// Prints a message on standard error, after the program's name. A standard
    /// error that takes nothing is no reason to stop.
    pub fn warn(&self, message: impl Display) {
        let line = format!("{}: {message}\n", self.name);
        let _ = io::stderr().write_all(line.as_bytes());
    }

    /// Warns of a line whose stamped reply the client cannot receive whole.
    pub fn warn_if_long(&self, data: &[u8]) {
        let (length, fits) = (data.len(), BUFSIZ - STAMP);
        if length > fits {
            self.warn(format_args!(
                "a line of {length} bytes, longer than the {fits} whose reply fits in {BUFSIZ}"
            ));
        }
    }

    /// The port that a server listens on. Where `addr` has port 0 the kernel
    /// picked it, and one message says which.
    ///
    /// # Errors
    /// Those of `getsockname`.
    pub fn announce(&self, socket: &Socket, addr: &Addr) -> Result<u16> {
        if addr.port() != 0 {
            return Ok(addr.port());
        }
        let bound = Addr::from(socket.local_addr().at("getsockname", addr)?);
        self.warn(format_args!("listening on {}", bound.endpoint()));
        Ok(bound.port())
    }
}
