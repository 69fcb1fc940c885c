//! The command line: `[HOST [PORT]]`.

use crate::console::program;
use crate::{Exit, Result};
use std::env;
use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The address on the command line, by default that of the Python program. As in Python, the host
/// `''` is every interface. The host is looked up here, once; Python looks it up in `bind`, in
/// `connect`, and in each `sendto` until the first reply, whose address then takes its place. Fails
/// for wrong arguments, and if the host is unknown or has no IPv4 address (Python: `gaierror`).
pub fn addr_from_args_or(host: &str, port: u16) -> Result<SocketAddr> {
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let (host, port) = parse_args(&args.collect::<Vec<_>>(), host, port)?;
    let host = if host.is_empty() { "0.0.0.0" } else { &host };
    let none = || Error::new(ErrorKind::NotFound, "the host has no IPv4 address");
    // If the hosts file has only `::1` for localhost, glibc still finds 127.0.0.1 for Python, which
    // asks for IPv4 addresses. Rust's library asks for both kinds, and then gets `::1`.
    let loopback = (host == "localhost").then_some(SocketAddr::from(([127, 0, 0, 1], port)));
    let found = (host, port).to_socket_addrs();
    let found = found.map(|mut addrs| addrs.find(SocketAddr::is_ipv4).or(loopback));
    let addr = found.and_then(|addr| addr.ok_or_else(none));
    addr.map_err(|error| Exit { call: format!("getaddrinfo {host}:{port}: "), ..error.into() })
}

/// Host and port, from the arguments or by default. After `--` nothing is an option. Fails with
/// exit status 0 and an answer for `--help` and `--version`, with 2 if the arguments are wrong.
fn parse_args(args: &[String], host: &str, port: u16) -> Result<(String, u16)> {
    let exit = |status, text| Err(Exit { status, call: String::new(), text });
    let program = program();
    let mut parts = args.splitn(2, |arg| arg == "--");
    let options = parts.next().unwrap_or_default();
    let operands: Vec<_> = options.iter().chain(parts.flatten()).map(String::as_str).collect();
    let option = options.iter().find(|arg| arg.starts_with('-')).map(String::as_str);
    let wrong = match (option, operands.as_slice()) {
        (Some("-h" | "--help"), _) => return exit(0, help(&program, host, port)),
        (Some("-V" | "--version"), _) => return exit(0, format!("{program} {VERSION}")),
        (Some(option), _) => format!("unknown option '{option}'"),
        (_, []) => return Ok((host.to_owned(), port)),
        (_, [one]) if as_port(one).is_some() => {
            format!("'{one}' looks like a port, but the first argument is HOST")
        }
        (_, [one]) if one.matches(':').count() == 1 => {
            format!("HOST and PORT are two arguments, not '{one}'")
        }
        (_, [host]) => return Ok((host.to_string(), port)),
        (_, [host, text]) => match as_port(text) {
            Some(port) => return Ok((host.to_string(), port)),
            None => format!("PORT is a number from 0 to 65535, not '{text}'"),
        },
        (_, [_, _, more, ..]) => format!("one argument too many: '{more}'"),
    };
    exit(2, format!("{wrong}\nusage: {program} [HOST [PORT]]"))
}

/// A port in digits: `parse` alone would take `+80` too.
fn as_port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| !text.starts_with('+'))
}

fn help(program: &str, host: &str, port: u16) -> String {
    format!(
        "{program} {VERSION}: a Python program, line for line in Rust

Usage: {program} [HOST [PORT]]

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

#[cfg(test)]
mod tests {
    use super::parse_args;

    #[test]
    fn arguments_are_host_and_port_and_wrong_ones_are_named() {
        for (args, expected) in [
            (&[][..], "default 21567"),
            (&["localhost"], "localhost 21567"),
            (&["", "0"], " 0"),
            (&["--", "-h", "65535"], "-h 65535"),
            (&["::1"], "::1 21567"),
            (&["x", "y", "z", "-h"], "0: "),
            (&["--version", "--bogus"], "0: "),
            (&["--bogus", "-h"], "2: unknown option '--bogus'\nusage: "),
            (&["-", "--"], "2: unknown option '-'\n"),
            (&["4000"], "2: '4000' looks like a port, but the first argument is HOST\n"),
            (&["host:80"], "2: HOST and PORT are two arguments, not 'host:80'\n"),
            (&["host", "65536"], "2: PORT is a number from 0 to 65535, not '65536'\n"),
            (&["host", "+80"], "2: PORT is a number from 0 to 65535, not '+80'\n"),
            (&["--", "host", "-1"], "2: PORT is a number from 0 to 65535, not '-1'\n"),
            (&["host", " 80"], "2: PORT is a number from 0 to 65535, not ' 80'\n"),
            (&["host", ""], "2: PORT is a number from 0 to 65535, not ''\n"),
            (&["a", "1", "--", "-h"], "2: one argument too many: '-h'\n"),
        ] {
            let args: Vec<String> = args.iter().map(ToString::to_string).collect();
            let got = match parse_args(&args, "default", 21567) {
                Ok((host, port)) => format!("{host} {port}"),
                Err(exit) => format!("{}: {exit}", exit.status),
            };
            assert!(got.starts_with(expected), "{args:?}: expected {expected:?}, got {got:?}");
        }
    }
}
