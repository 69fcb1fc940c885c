//! The command line: `[HOST [PORT]]`.

use crate::exit::PROGRAM;
use crate::{Addr, Exit, Result, print};
use std::ffi::OsString;
use std::{env, process};

impl Addr {
    /// The address on the command line, `[HOST [PORT]]`; where it names none,
    /// that of the Python program. Asked for `--help` or `--version`, it prints that
    /// and ends the program with status 0.
    ///
    /// # Errors
    /// With status 2 where the arguments are wrong.
    pub fn from_args(host: &str, port: u16) -> Result<Addr> {
        let [name, about] = PROGRAM.get().copied().unwrap_or_default();
        let usage = format!("usage: {name} [HOST [PORT]]");
        let version = env!("CARGO_PKG_VERSION");
        let wrong = |what: String| Err(Exit::new(2, format!("{what}\n{usage}")));
        let args = env::args_os().skip(1).map(OsString::into_string);
        let Ok(args) = args.collect::<std::result::Result<Vec<_>, _>>() else {
            return wrong("an argument is not UTF-8".to_owned());
        };

        let mut parts = args.splitn(2, |arg| arg == "--");
        let options = parts.next().unwrap_or_default().iter();
        let operands = options.clone().chain(parts.next().unwrap_or_default());
        let operands: Vec<&str> = operands.map(String::as_str).collect();
        let option = options.map(String::as_str).find(|arg| arg.starts_with('-'));
        match (option, operands.as_slice()) {
            (Some("-h" | "--help"), _) => answer(help(name, about, host, port)),
            (Some("-V" | "--version"), _) => answer(format!("{name} {version}")),
            (Some(option), _) => wrong(format!("unknown option '{option}'")),
            (None, [host]) if host.parse::<u16>().is_ok() => {
                wrong(format!("'{host}' is in the place of HOST; a port is the second argument"))
            }
            (None, [] | [_]) => Ok(Addr::new(operands.first().unwrap_or(&host), port)),
            (None, [host, text]) => match text.parse() {
                Ok(port) => Ok(Addr::new(host, port)),
                Err(_) => wrong(format!("PORT is a number from 0 to 65535, not '{text}'")),
            },
            (None, [_, _, more, ..]) => wrong(format!("one argument too many: '{more}'")),
        }
    }
}

fn answer(text: String) -> Result<Addr> {
    print(text)?;
    process::exit(0)
}

fn help(name: &str, about: &str, host: &str, port: u16) -> String {
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
