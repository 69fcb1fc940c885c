//! What the tests of all crates share: processes with deadlines, servers and
//! replies. What only Linux can do is in `linux.rs`.
#![allow(dead_code, unused_imports)] // every test file uses its own part of this

mod built;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod number;
pub mod screens;
pub mod tcp;
pub mod udp;

pub use built::path;

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long any condition may take to come true. Only a failure takes so long.
pub const DEADLINE: Duration = Duration::from_secs(15);

/// Asks until there is an answer; none past the deadline.
fn asked<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let end = Instant::now() + DEADLINE;
    loop {
        let over = Instant::now() >= end;
        let answer = ask();
        if answer.is_some() || over {
            return answer;
        }
        thread::sleep(Duration::from_millis(2));
    }
}

/// The same; past the deadline the test fails, naming what it waited for.
#[track_caller]
pub fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    asked(ask).unwrap_or_else(|| panic!("waited in vain: {what}"))
}

/// What came is what was expected; or else says from where on it is not.
#[track_caller]
pub fn same(what: &str, came: impl AsRef<[u8]>, expected: impl AsRef<[u8]>) {
    let (came, expected) = (came.as_ref(), expected.as_ref());
    let differ = came.iter().zip(expected).position(|(one, other)| one != other);
    let at = differ.unwrap_or(came.len().min(expected.len()));
    let near = |bytes: &[u8]| {
        let (start, end) = (at.saturating_sub(60), bytes.len().min(at + 60));
        let cut = |cut: bool| if cut { "..." } else { "" };
        let text = String::from_utf8_lossy(&bytes[start.min(end)..end]);
        format!("{}{text:?}{}", cut(start > 0), cut(end < bytes.len()))
    };
    assert!(
        came == expected,
        "{what} is\n    {}\nwhere the tests expect\n    {}\n\
         If it should be so, edit {} and the program's other half;\n\
         an experiment is welcome: see CONTRIBUTING.md",
        near(came),
        near(expected),
        screens::HERE
    );
}

/// Says that a test did not run, past the capture of the test harness.
pub fn skip(why: &str) {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// The top folder of the workspace.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A program's Python half, such as `tcp-server/tcp_server.py`.
pub fn half(program: &str) -> PathBuf {
    let file = format!("{}.py", program.replace('-', "_"));
    top().join(program).join(file)
}

/// A command with arguments.
pub fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// The command that runs one of the four programs.
pub fn our(program: &str, args: &[&str]) -> Command {
    command(path(program), args)
}

/// The same on a port of 127.0.0.1.
pub fn our_at(program: &str, port: u16) -> Command {
    our(program, &["127.0.0.1", &port.to_string()])
}

/// A program at work, with its three streams. Dropped, it is ended.
pub struct Running {
    name: String,
    child: RefCell<Child>,
    stdin: Option<Sender<Vec<u8>>>,
    stdout: Stream,
    stderr: Stream,
}

/// How a program ended and all that it printed.
pub struct Ended {
    name: String,
    pub exit: ExitStatus,
    /// Its exit status; -1 where a signal ended it.
    pub status: i32,
    pub screen: String,
    pub stderr: String,
}

impl Ended {
    /// It ended so, with this screen and just this on standard error.
    #[track_caller]
    pub fn is(&self, status: i32, screen: &str, stderr: &str) {
        same(&format!("the screen of {}", self.name), &self.screen, screen);
        same(&format!("the standard error of {}", self.name), &self.stderr, stderr);
        assert_eq!(self.status, status, "the status of {}", self.name);
    }

    /// It ended well, with this screen.
    #[track_caller]
    pub fn is_well(&self, screen: &str) {
        self.is(0, screen, "");
    }

    /// It failed: the call and its address are in the last message, and the
    /// number of the error is the status.
    #[track_caller]
    pub fn failed_with(&self, number: i32, call: &str) {
        let last = self.stderr.lines().last().unwrap_or_default();
        let end = format!(" (os error {number})");
        let fits = last.starts_with(&format!("{call}: ")) && last.ends_with(&end);
        assert!(fits, "{call:?} and {end:?}, not {:?}", self.stderr);
        assert_eq!(self.status, number);
    }
}

/// What a program has printed so far, and who reads it.
struct Stream(Arc<Mutex<Vec<u8>>>, Option<JoinHandle<()>>);

impl Stream {
    fn of(source: Option<impl Read + Send + 'static>) -> Stream {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let ours = Arc::clone(&bytes);
        let read = |mut source| {
            thread::spawn(move || {
                let mut chunk = [0; 65536];
                while let Ok(n @ 1..) = Read::read(&mut source, &mut chunk) {
                    ours.lock().unwrap().extend_from_slice(&chunk[..n]);
                }
            })
        };
        Stream(bytes, source.map(read))
    }

    fn so_far(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    fn is_at_its_end(&self) -> bool {
        self.1.as_ref().is_none_or(JoinHandle::is_finished)
    }
}

impl Running {
    /// Starts a program; standard output and standard error are read as they
    /// come, standard input stays open.
    pub fn start(command: &mut Command) -> Running {
        Running::start_with_stdout(command, Stdio::piped())
    }

    /// The same with a standard output of the test's choice.
    pub fn start_with_stdout(command: &mut Command, stdout: Stdio) -> Running {
        command.stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.stdout(stdout).spawn().unwrap_or_else(|error| {
            panic!("this test needs {:?}: {error}", command.get_program());
        });
        Running {
            name: words(command),
            stdin: child.stdin.take().map(keyboard),
            stdout: Stream::of(child.stdout.take()),
            stderr: Stream::of(child.stderr.take()),
            child: RefCell::new(child),
        }
    }

    fn id(&self) -> u32 {
        self.child.borrow().id()
    }

    /// Whether it has ended, and all that it printed has been read.
    fn has_ended(&self) -> bool {
        let ended = self.child.borrow_mut().try_wait().unwrap().is_some();
        ended && self.stdout.is_at_its_end() && self.stderr.is_at_its_end()
    }

    /// Types on its keyboard. A program that has ended reads no more.
    pub fn type_in(&mut self, keys: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_ref().expect("standard input is open");
        let _ = stdin.send(keys.as_ref().to_vec());
    }

    /// Ends its standard input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.stdout.so_far()).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.so_far()).into_owned()
    }

    /// Waits until the screen shows just this; fails at once where it shows anything else.
    #[track_caller]
    pub fn shows(&self, screen: &str) {
        self.wait_until("its screen", |program| {
            let shown = program.stdout.so_far();
            if !screen.as_bytes().starts_with(&shown) {
                same(&format!("the screen of {}", self.name), &shown, screen);
            }
            shown == screen.as_bytes()
        });
    }

    /// Waits until as many lines are on standard error, and returns them.
    #[track_caller]
    pub fn errors(&self, lines: usize) -> Vec<String> {
        self.wait_until(&format!("{lines} lines on standard error"), |program| {
            program.stderr().matches('\n').count() >= lines
        });
        self.stderr().lines().map(str::to_owned).collect()
    }

    /// Waits until something is true of the program; in vain where it has ended.
    #[track_caller]
    pub fn wait_until(&self, what: &str, mut true_of: impl FnMut(&Running) -> bool) {
        let found = asked(|| {
            let ended = self.has_ended();
            let found = true_of(self);
            (found || ended).then_some(found)
        });
        let last = |text: String| text.lines().last().unwrap_or_default().to_owned();
        assert!(
            found == Some(true),
            "waited in vain for {what} of {}{};\n\
             its last line is {:?}, on standard error {:?}",
            self.name,
            if self.has_ended() { ", which has ended" } else { "" },
            last(self.screen()),
            last(self.stderr())
        );
    }

    /// Ends its input, waits for its end and returns how it ended.
    pub fn finish(mut self) -> Ended {
        self.end_input();
        eventually(&format!("{} ends", self.name), || self.has_ended().then_some(()));
        let exit = self.child.get_mut().wait().unwrap();
        let (name, status, stderr) = (self.name.clone(), exit.code().unwrap_or(-1), self.stderr());
        assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
        let screen = String::from_utf8(self.stdout.so_far()).expect("a screen in UTF-8");
        Ended { name, exit, status, screen, stderr }
    }

    /// Ends it and returns what it had printed.
    pub fn end(mut self) -> Ended {
        let _ = self.child.get_mut().kill();
        self.finish()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.get_mut().kill();
        let _ = self.child.get_mut().wait();
    }
}

/// Types what it is sent, beside the test: a program that reads no more holds up no one.
fn keyboard(mut stdin: ChildStdin) -> Sender<Vec<u8>> {
    let (sender, keys) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || keys.iter().try_for_each(|keys| stdin.write_all(&keys)));
    sender
}

/// A command as people read it: without the folders.
fn words(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    let short = words.map(|word| Path::new(word).file_name().unwrap_or(word));
    let short: Vec<_> = short.map(OsStr::to_string_lossy).collect();
    short.join(" ")
}

/// Runs a program to its end with this standard input, which it need not read.
pub fn run(command: &mut Command, input: impl AsRef<[u8]>) -> Ended {
    let mut program = Running::start(command);
    program.type_in(input);
    program.finish()
}

/// A server at work, and where.
pub struct Server {
    pub program: Running,
    pub addr: SocketAddr,
}

impl Server {
    /// Starts one of our servers on a port that the kernel picks.
    pub fn start(program: &str) -> Server {
        Server::announced(Running::start(&mut our_at(program, 0)))
    }

    /// A server that was started; its first message says where it listens.
    pub fn announced(program: Running) -> Server {
        let message = program.errors(1).swap_remove(0);
        let (_, addr) = message.split_once(screens::BOUND).expect(&message);
        let addr = addr.parse().expect(&message);
        Server { program, addr }
    }

    /// Starts a server on a given port that was free a moment ago; on another one
    /// where somebody has taken it meanwhile.
    pub fn start_on_a_given_port(command: impl Fn(u16) -> Command) -> Server {
        eventually("a port that nobody else takes", || {
            let addr = TcpListener::bind("127.0.0.1:0").ok()?.local_addr().ok()?;
            let program = Running::start(&mut command(addr.port()));
            program.wait_until("its first line, or an error", |program| {
                program.screen().ends_with('\n') || program.stderr().ends_with('\n')
            });
            if program.screen().ends_with('\n') {
                return Some(Server { program, addr });
            }
            let stderr = program.finish().stderr;
            let in_use = stderr.contains(&format!(" {}", number::IN_USE));
            assert!(in_use, "the server failed: {stderr}");
            None
        })
    }
}
