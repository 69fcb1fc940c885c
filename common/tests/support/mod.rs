//! What the tests of the four programs share: processes with deadlines, servers and replies.
//! Each crate includes it, so `PROGRAM` is the program of that crate.
#![allow(dead_code)] // every test file uses a part of this

pub mod alike;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod number;
pub mod screens;
pub mod tcp;
pub mod udp;

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use std::{fs, process, thread};

pub const PROGRAM: &str = env!("CARGO_PKG_NAME");
pub const PROGRAM_PATH: &str = env!(concat!("CARGO_BIN_EXE_", env!("CARGO_PKG_NAME")));

/// How long any condition may take to become true. Only a failure takes so long.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// Waits for an answer; after the deadline the test fails.
#[track_caller]
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        let is_over = Instant::now() >= end;
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(!is_over, "timed out waiting for {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Fails if the bytes differ, and shows where.
#[track_caller]
pub fn assert_same(what: &str, got: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
    let (got, expected) = (got.as_ref(), expected.as_ref());
    let same = got.iter().zip(expected).take_while(|(one, other)| one == other).count();
    let near = |bytes: &[u8]| {
        let bytes = &bytes[same.saturating_sub(60)..bytes.len().min(same + 60)];
        format!("{:?}", String::from_utf8_lossy(bytes))
    };
    assert!(
        got == expected,
        "{what}, from byte {}:\n    expected {}\n    got      {}\n\
         If the program should do this now, edit {} and the program's Python version.\n\
         An experiment is welcome: see CONTRIBUTING.md",
        same.saturating_sub(60),
        near(expected),
        near(got),
        screens::FILE
    );
}

/// Says that a test did not run, on a standard error that the test harness does not capture.
pub fn skip(why: &str) {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// A command with arguments.
pub fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// The command that runs the program.
pub fn program(args: &[&str]) -> Command {
    command(PROGRAM_PATH, args)
}

/// The command that runs the program on a port of 127.0.0.1.
pub fn program_at(port: u16) -> Command {
    program(&["127.0.0.1", &port.to_string()])
}

/// A running program, and the files with its output. Dropped, it is killed.
pub struct Running {
    child: RefCell<Child>,
    files: [PathBuf; 2],
}

/// How a program exited, and all its output.
pub struct Ended {
    pub exit: ExitStatus,
    /// The exit status; -1 if a signal ended it.
    pub status: i32,
    pub screen: String,
    pub stderr: String,
}

impl Ended {
    #[track_caller]
    pub fn is(&self, status: i32, screen: &str, stderr: &str) {
        assert_same(&format!("the output of {PROGRAM}"), &self.screen, screen);
        assert_same(&format!("the standard error of {PROGRAM}"), &self.stderr, stderr);
        assert_eq!(self.status, status, "the exit status of {PROGRAM}");
    }

    /// It succeeded, with this screen.
    #[track_caller]
    pub fn is_well(&self, screen: &str) {
        self.is(0, screen, "");
    }

    /// It failed: its last message has this call, and the error number is the exit status.
    #[track_caller]
    pub fn failed_with(&self, number: i32, call: &str) {
        let last = self.stderr.lines().last().unwrap_or_default();
        let (start, end) = (format!("{PROGRAM}: {call}: "), format!(" (os error {number})"));
        let fits = last.starts_with(&start) && last.ends_with(&end);
        assert!(fits, "expected {start:?} and {end:?}, got {:?}", self.stderr);
        assert_eq!(self.status, number);
    }
}

impl Running {
    pub fn start(command: &mut Command) -> Running {
        Running::start_with_stdout(command, None)
    }

    /// With another standard output than a file.
    pub fn start_with_stdout(command: &mut Command, stdout: Option<Stdio>) -> Running {
        static STARTED: AtomicUsize = AtomicUsize::new(0);
        let name = format!("{}-{}", process::id(), STARTED.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
        let files = [".out", ".err"].map(|kind| folder.join(format!("{name}{kind}")));
        let [out, err] = files.clone().map(|path| fs::File::create(path).unwrap());
        command.stdin(Stdio::piped()).stdout(stdout.unwrap_or(out.into())).stderr(err);
        let child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        Running { child: RefCell::new(child), files }
    }

    fn id(&self) -> u32 {
        self.child.borrow().id()
    }

    fn exit(&self) -> Option<ExitStatus> {
        self.child.borrow_mut().try_wait().unwrap()
    }

    /// It may have ended, or never read this.
    pub fn type_in(&self, keys: impl AsRef<[u8]>) {
        let mut child = self.child.borrow_mut();
        let _ = child.stdin.as_mut().expect("standard input is open").write_all(keys.as_ref());
    }

    pub fn end_input(&mut self) {
        self.child.get_mut().stdin = None;
    }

    fn printed(&self, at: usize) -> Vec<u8> {
        fs::read(&self.files[at]).unwrap()
    }

    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.printed(0)).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.printed(1)).into_owned()
    }

    /// Waits until the screen is this; fails at once if it shows anything else. Bytes are compared,
    /// because half a character may be there.
    #[track_caller]
    pub fn shows(&self, screen: &str) {
        self.wait_until("its output", |program| {
            let shown = program.printed(0);
            if !screen.as_bytes().starts_with(&shown) {
                assert_same(&format!("the output of {PROGRAM}"), &shown, screen);
            }
            shown == screen.as_bytes()
        });
    }

    /// Waits until standard error has this many lines, and returns them.
    #[track_caller]
    pub fn errors(&self, lines: usize) -> Vec<String> {
        self.wait_until(&format!("{lines} lines on standard error"), |program| {
            program.stderr().matches('\n').count() >= lines
        });
        self.stderr().lines().map(str::to_owned).collect()
    }

    /// Waits until this is true of the program; fails if it exits before.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut is_true: impl FnMut(&Running) -> bool) {
        let found = eventually(&format!("{PROGRAM}: {what}"), || {
            let is_over = self.exit().is_some();
            let found = is_true(self);
            (found || is_over).then_some(found)
        });
        assert!(found, "{PROGRAM} exited before {what}: {:?}", self.stderr());
    }

    /// Ends its input and waits until it exits.
    pub fn finish(mut self) -> Ended {
        self.end_input();
        let exit = eventually(&format!("{PROGRAM} to exit"), || self.exit());
        let (screen, stderr) = (self.screen(), self.stderr());
        assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
        Ended { exit, status: exit.code().unwrap_or(-1), screen, stderr }
    }

    /// Kills it and returns its output.
    pub fn kill(mut self) -> Ended {
        let _ = self.child.get_mut().kill();
        self.finish()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.get_mut().kill();
        let _ = self.child.get_mut().wait();
        let _ = self.files.each_ref().map(fs::remove_file);
    }
}

/// Runs a program until it exits, with this standard input, which it need not read.
pub fn run(command: &mut Command, input: impl AsRef<[u8]>) -> Ended {
    let program = Running::start(command);
    program.type_in(input);
    program.finish()
}

/// A running server and its address.
pub struct Server {
    pub program: Running,
    pub addr: SocketAddr,
}

impl Server {
    /// The program of this crate, on a port that the kernel picks.
    pub fn start() -> Server {
        Server::announced(Running::start(&mut program_at(0)))
    }

    /// A server that was started on port 0. Its first message says which port it has.
    pub fn announced(program: Running) -> Server {
        let message = program.errors(1).swap_remove(0);
        let (_, addr) = message.split_once(screens::BOUND).expect(&message);
        let addr = addr.parse().expect(&message);
        Server { program, addr }
    }
}
