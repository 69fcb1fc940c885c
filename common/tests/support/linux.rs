//! What the tests can do on Linux only: `/proc`, signals, strace. And what all four programs do
//! alike, if it takes that to show it.

use super::screens::BOUND;
use super::{
    Ended, PROGRAM, PROGRAM_PATH, Running, Server, command, program, program_at, run, skip,
};
use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::net::{Shutdown, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, Stdio};

impl Running {
    /// Sends a signal, such as `INT`.
    pub fn signal(&self, name: &str) {
        let kill = command("sh", &["-c", "kill -s $0 $1", name, &self.id().to_string()]).status();
        assert!(kill.unwrap().success());
    }
}

/// The command under strace, which injects a fault such as `accept4:error=EINTR:when=1`. None,
/// with a message, if strace is missing. If the test kills strace, the program ends too.
pub fn faulty(program: &Command, fault: &str) -> Option<Command> {
    let (call, _) = fault.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let options = ["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut strace = command("strace", &options);
    strace.args(["setpriv", "--pdeathsig", "KILL"]);
    strace.arg(program.get_program()).args(program.get_args());
    let missing = ["strace", "setpriv"].map(|tool| command(tool, &["--version"]).output().is_err());
    if missing.contains(&true) {
        skip("it needs strace and setpriv");
        return None;
    }
    Some(strace)
}

/// The server of this crate with a fault.
pub fn server_with(fault: &str) -> Option<Server> {
    let mut server = faulty(&program_at(0), fault)?;
    Some(Server::announced(Running::start(&mut server)))
}

/// It printed nothing on standard error except a server's first message.
fn is_quiet(ended: &Ended) {
    assert!(ended.stderr.lines().all(|line| line.contains(BOUND)), "{}", ended.stderr);
}

/// What the program needs to print its first line: a peer and a port.
fn peer() -> (TcpListener, u16) {
    let peer = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = peer.local_addr().unwrap().port();
    (peer, if PROGRAM.ends_with("client") { port } else { 0 })
}

/// The program prints its first line, or its help, to this standard output.
fn printed(stdout: impl Fn() -> Stdio) -> [Ended; 2] {
    let (_peer, port) = peer();
    [program_at(port), program(&["--help"])]
        .map(|mut command| Running::start_with_stdout(&mut command, Some(stdout())).finish())
}

#[test]
fn a_closed_standard_output_ends_it_with_32_and_no_message() {
    for ended in printed(|| {
        let (ours, readers) = UnixStream::pair().unwrap();
        // Dropped, it would live on in what another test is just starting.
        readers.shutdown(Shutdown::Both).unwrap();
        OwnedFd::from(ours).into()
    }) {
        is_quiet(&ended);
        assert_eq!(ended.status, 32);
    }
}

#[test]
fn a_full_disk_behind_standard_output_ends_it_with_28() {
    let full = || OpenOptions::new().write(true).open("/dev/full").unwrap().into();
    for ended in printed(full) {
        ended.failed_with(28, "write to standard output");
    }
}

#[test]
fn an_interrupt_ends_it_at_once_without_a_message() {
    let (_peer, port) = peer();
    // If the tests run in the background of a shell, the signal would be ignored.
    let mut interruptible = command("env", &["--default-signal=INT", PROGRAM_PATH]);
    let program = Running::start(interruptible.args(program_at(port).get_args()));
    program.wait_until("its first line", |program| !program.screen().is_empty());
    program.signal("INT");
    let ended = program.finish();
    is_quiet(&ended);
    assert_eq!(ended.exit.signal(), Some(2));
}

#[test]
fn an_error_of_a_call_without_an_address_names_the_line() {
    let source = fs::read_to_string("src/main.rs").unwrap();
    for (fault, number, code) in [
        ("socket:error=EMFILE", 24, "Socket::new("),
        ("getsockname:error=ENOBUFS", 105, "announce(&"), // only in a server
    ] {
        let Some(at) = source.lines().position(|line| line.contains(code)) else { continue };
        let Some(mut program) = faulty(&program_at(0), fault) else { return };
        let call = format!("{PROGRAM}/src/main.rs:{}", at + 1);
        run(&mut program, "").failed_with(number, &call);
    }
}

#[test]
fn an_argument_that_is_not_utf8_ends_it_with_2() {
    let ended = run(program(&["127.0.0.1"]).arg(OsStr::from_bytes(b"\xff")), "");
    assert_eq!((ended.status, ended.screen.as_str()), (2, ""), "{}", ended.stderr);
}
