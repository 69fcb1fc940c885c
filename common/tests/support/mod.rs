//! What the tests of all crates share: processes with deadlines, the Python
//! halves, and the checks that are the same for all four programs.
#![allow(dead_code)] // every test file uses its own part of this

pub mod arguments;
pub mod clients;
pub mod draw;
pub mod lines;
pub mod servers;
pub mod tcp;
pub mod udp;

use std::fs;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long any condition may take to come true. Only a failure takes so long.
pub const DEADLINE: Duration = Duration::from_secs(90);

/// Asks until there is an answer; past the deadline the test fails, naming it.
pub fn eventually<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + DEADLINE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}

/// Says that a test did not run, past the capture of the test harness.
pub fn skip(why: &str) {
    let test = thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// Whether a program is there to be run; where it is not, says what is skipped.
pub fn has(program: &str) -> bool {
    let found = Command::new("sh")
        .args(["-c", "command -v \"$0\" >/dev/null", program])
        .status()
        .is_ok_and(|status| status.success());
    if !found {
        skip(&format!("it needs {program}"));
    }
    found
}

/// Runs a command to its end and returns what it printed.
pub fn output_of(command: &mut Command) -> String {
    let ended = Running::start(command).finish();
    assert_eq!(ended.status, 0, "{command:?}: {}", ended.stderr);
    String::from_utf8(ended.stdout).expect("output in UTF-8")
}

/// A program at work, with its three streams. Dropped, it is ended.
pub struct Running {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Stream,
    stderr: Stream,
}

/// How a program ended: its status (128 and the signal's number where one ended
/// it) and all that it printed.
pub struct Ended {
    pub status: i32,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ended {
    /// What it printed on standard output, as text.
    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

struct Stream {
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl Stream {
    fn of(source: Option<impl Read + Send + 'static>) -> Stream {
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let reader = source.map(|mut source| {
            let bytes = Arc::clone(&bytes);
            thread::spawn(move || {
                let mut chunk = [0; 65536];
                loop {
                    match source.read(&mut chunk) {
                        Ok(0) => break,
                        Ok(n) => bytes.lock().unwrap().extend_from_slice(&chunk[..n]),
                        Err(error) if error.kind() == ErrorKind::Interrupted => {}
                        Err(_) => break,
                    }
                }
            })
        });
        Stream { bytes, reader }
    }

    fn so_far(&self) -> Vec<u8> {
        self.bytes.lock().unwrap().clone()
    }

    fn all(&mut self) -> Vec<u8> {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.so_far()
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
            stdin: child.stdin.take(),
            stdout: Stream::of(child.stdout.take()),
            stderr: Stream::of(child.stderr.take()),
            child,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Types on its keyboard. A program that has ended reads no more.
    pub fn type_in(&mut self, keys: impl AsRef<[u8]>) {
        let stdin = self.stdin.as_mut().expect("standard input is open");
        let _ = stdin.write_all(keys.as_ref()).and_then(|()| stdin.flush());
    }

    /// Ends its standard input.
    pub fn end_input(&mut self) {
        self.stdin = None;
    }

    pub fn stdout(&self) -> Vec<u8> {
        self.stdout.so_far()
    }

    pub fn screen(&self) -> String {
        String::from_utf8_lossy(&self.stdout()).into_owned()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.stderr.so_far()).into_owned()
    }

    /// Waits until the screen shows just this.
    pub fn shows(&mut self, screen: &str) {
        self.wait_until(&format!("the screen {screen:?}"), |program| {
            program.screen() == screen
        });
    }

    /// Waits until as many lines are on standard error, and returns them.
    pub fn errors(&mut self, lines: usize) -> Vec<String> {
        self.wait_until(&format!("{lines} lines on standard error"), |program| {
            program.stderr().matches('\n').count() >= lines
        });
        self.stderr().lines().map(str::to_owned).collect()
    }

    /// Waits until something is true of the program.
    pub fn wait_until(&mut self, what: &str, true_of: impl Fn(&Running) -> bool) {
        let end = Instant::now() + DEADLINE;
        while !true_of(self) {
            if Instant::now() >= end {
                let (out, err) = (self.screen(), self.stderr());
                panic!("waited in vain for {what}; stdout {out:?}, stderr {err:?}");
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Sends it a signal: `INT`, `STOP`, `CONT` …
    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        let sent = Command::new("sh")
            .args(["-c", "kill -s \"$0\" \"$1\"", name, &pid])
            .status();
        assert!(sent.unwrap().success(), "kill -s {name} {pid}");
    }

    /// Stops it, as Ctrl-Z does, and waits until it stands.
    pub fn stop(&self) {
        self.signal("STOP");
        eventually("the program stands still", || {
            (self.state()? == 'T').then_some(())
        });
    }

    /// Lets a stopped program go on.
    pub fn go_on(&self) {
        self.signal("CONT");
    }

    /// The state that the system gives the process: `S` sleeps, `T` is stopped.
    pub fn state(&self) -> Option<char> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        stat.rsplit(") ").next()?.chars().next()
    }

    /// The most memory it has had so far, in KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid()));
        let status = status.expect("the program's status in /proc");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let peak = peak.and_then(|peak| peak.trim().strip_suffix(" kB"));
        peak.unwrap().parse().unwrap()
    }

    /// How many descriptors it has open.
    pub fn descriptors(&self) -> usize {
        fs::read_dir(format!("/proc/{}/fd", self.pid()))
            .expect("the program's descriptors in /proc")
            .count()
    }

    /// Ends its input, waits for its end and returns how it ended.
    pub fn finish(mut self) -> Ended {
        self.end_input();
        let status = eventually("the program ends", || self.child.try_wait().unwrap());
        self.ended(status)
    }

    /// Ends it and returns what it had printed.
    pub fn end(mut self) -> Ended {
        let _ = self.child.kill();
        let status = self.child.wait().unwrap();
        self.ended(status)
    }

    fn ended(&mut self, status: std::process::ExitStatus) -> Ended {
        let stderr = String::from_utf8_lossy(&self.stderr.all()).into_owned();
        assert!(!stderr.contains("panicked at"), "a panic: {stderr}");
        Ended {
            status: status
                .code()
                .unwrap_or_else(|| 128 + status.signal().unwrap_or(0)),
            stdout: self.stdout.all(),
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A command with arguments.
pub fn command(program: impl AsRef<std::ffi::OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args);
    command
}

/// Runs a program to its end with this standard input.
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
    pub fn start(binary: &str) -> Server {
        Server::announced(&mut command(binary, &["127.0.0.1", "0"]))
    }

    /// Starts a server by any command; its first message says where it listens.
    pub fn announced(command: &mut Command) -> Server {
        let mut program = Running::start(command);
        let message = program.errors(1).swap_remove(0);
        let (_, addr) = message.split_once(": listening on ").expect(&message);
        let addr = addr.parse().expect(&message);
        Server { program, addr }
    }

    /// Starts a server's Python half on a free port and waits for its first line.
    pub fn python(half: &Path) -> Server {
        eventually("a port that nobody else takes", || {
            let addr = free_addr();
            let mut program = Running::start(&mut python(half, addr.port()));
            loop {
                if program.screen().ends_with('\n') {
                    return Some(Server { program, addr });
                }
                if program.has_ended() {
                    let stderr = program.finish().stderr;
                    let in_use = stderr.contains("Address already in use");
                    assert!(in_use, "the Python half failed: {stderr}");
                    return None;
                }
                thread::sleep(Duration::from_millis(2));
            }
        })
    }

    pub fn port(&self) -> String {
        self.addr.port().to_string()
    }
}

/// A loopback address that was free for TCP and UDP a moment ago.
pub fn free_addr() -> SocketAddr {
    eventually("a port free for TCP and UDP", || {
        let stream = TcpListener::bind("127.0.0.1:0").ok()?;
        let addr = stream.local_addr().ok()?;
        UdpSocket::bind(addr).ok()?;
        Some(addr)
    })
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

/// The command that runs a Python half on this port of 127.0.0.1.
pub fn python(half: &Path, port: u16) -> Command {
    let mut command = Command::new("python3");
    command.arg("-u").arg(top().join("scripts/half.py"));
    command.arg(half).arg(port.to_string());
    command.env("PYTHONIOENCODING", "utf-8");
    command
}

/// The command that runs a program without the right to bind ports below 1024;
/// none, said aloud, where the system gives that right to everybody.
pub fn without_low_ports(binary: &str) -> Option<Command> {
    let first = fs::read_to_string("/proc/sys/net/ipv4/ip_unprivileged_port_start");
    if first.is_ok_and(|first| first.trim() != "1024") {
        skip("here any user may bind any port");
        return None;
    }
    if output_of(&mut command("id", &["-u"])) != "0\n" {
        return Some(command(binary, &[]));
    }
    // Root keeps all but the one right.
    let drop = "--bounding-set=-net_bind_service";
    has("setpriv").then(|| command("setpriv", &[drop, binary]))
}

/// The command that runs a server on 127.0.0.1 with a fault that strace puts
/// in: `accept4:error=ECONNABORTED:when=1`. None, said aloud, without strace.
/// Where the test ends strace, the server ends too.
pub fn with_fault(fault: &str, binary: &str) -> Option<Command> {
    let (call, _) = fault.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let options = ["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut strace = command("strace", &options);
    strace.args(["setpriv", "--pdeathsig", "KILL", binary, "127.0.0.1", "0"]);
    (has("strace") && has("setpriv")).then_some(strace)
}

/// The command that runs a program which Ctrl-C ends, even where the tests run
/// in the background of a shell and would hand it down to be ignored.
pub fn interruptible(binary: &str) -> Command {
    command("env", &["--default-signal=INT", binary])
}

/// The command that runs a program in a network of its own, which has only a
/// loopback interface: there, fixed ports are free and every interface is safe.
/// None, said aloud, where the system does not allow it.
pub fn alone_on_a_network(binary: &str) -> Option<Command> {
    let unshare = |program: &str| command("unshare", &["--map-root-user", "--net", program]);
    if !unshare("true")
        .status()
        .is_ok_and(|status| status.success())
    {
        skip("here nobody may make a network of their own (unshare --net)");
        return None;
    }
    Some(unshare(binary))
}

/// A standard output whose reader has gone.
pub fn closed_stdout() -> Stdio {
    let (ours, _) = UnixStream::pair().unwrap();
    OwnedFd::from(ours).into()
}

/// A standard output without space.
pub fn full_stdout() -> Stdio {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    full.unwrap().into()
}

/// Seconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_secs() as i64
}

/// Takes the stamp off a reply: it must be of a second from `since` to now.
pub fn unstamp(reply: &[u8], since: i64) -> &[u8] {
    let text = || String::from_utf8_lossy(reply);
    let (stamp, data) = reply.split_at_checked(common::STAMP).unwrap_or_default();
    let fits = |secs| {
        let time = common::ctime_at(secs).unwrap();
        *stamp == common::stamped(&time, b"")
    };
    assert!(
        (since..=now()).any(fits),
        "not a reply of now: {:?}",
        text()
    );
    data
}

/// Takes the stamps off all replies of a stream, and returns the messages. It
/// goes by the stamp's form, so no message may hold `[`.
pub fn unstamp_all(stream: &[u8], since: i64) -> Vec<Vec<u8>> {
    let mut messages = Vec::new();
    let mut rest = stream;
    while !rest.is_empty() {
        let next = rest[1..].iter().position(|byte| *byte == b'[');
        let (reply, more) = rest.split_at(next.map_or(rest.len(), |at| at + 1));
        messages.push(unstamp(reply, since).to_vec());
        rest = more;
    }
    messages
}

/// A screen with `TIME` and `PORT` for what differs from run to run.
pub fn masked(screen: &[u8]) -> String {
    let text = String::from_utf8(screen.to_vec()).expect("a screen in UTF-8");
    let mut masked = String::new();
    for line in text.split_inclusive('\n') {
        let (prompt, line) = match line.strip_prefix("> ") {
            Some(rest) => ("> ", rest),
            None => ("", line),
        };
        masked.push_str(prompt);
        let stamp = line.starts_with('[') && line.get(25..27) == Some("] ");
        let tuple = line.rsplit_once("('127.0.0.1', ");
        match tuple {
            _ if stamp => masked.push_str(&format!("[TIME] {}", &line[27..])),
            Some((before, _)) => masked.push_str(&format!("{before}('127.0.0.1', PORT)\n")),
            None => masked.push_str(line),
        }
    }
    masked
}

/// A line of input for every kind of text that Python takes too; the last one
/// is empty and ends a client.
pub fn conversation() -> String {
    let fits = "x".repeat(common::BUFSIZ - common::STAMP);
    let lines = [
        "hello",
        "  two  spaces\tand a tab ",
        "Grüße ☃ 你好",
        "\r",
        &fits,
        "[",
        "",
    ];
    lines.map(|line| format!("{line}\n")).concat()
}

/// Runs a client through [`conversation`] with a server and returns both
/// screens, masked, once the server waits for the next client.
pub fn screens(server: Server, client: &mut Command) -> (String, String) {
    screens_of(&conversation(), server, client)
}

/// The same for any input; its last line is empty and the only such one.
pub fn screens_of(input: &str, mut server: Server, client: &mut Command) -> (String, String) {
    let first = server.program.screen();
    let client = run(client, input);
    assert_eq!(client.status, 0, "{}", client.stderr);
    server
        .program
        .wait_until("the server waits again", |program| {
            let screen = program.screen();
            let lines = screen.matches('\n').count();
            lines >= 3 && lines % 2 == 1 && screen.ends_with(&first)
        });
    let messages = input.matches('\n').count() - 1;
    if first == "waiting for message...\n" {
        server
            .program
            .wait_until("all messages are on the screen", |program| {
                program.screen().matches(&first).count() == messages + 1
            });
    }
    let server = server.program.end();
    (masked(&server.stdout), masked(&client.stdout))
}
