//! What the tests can do on Linux only: `/proc`, signals, strace, networks of
//! their own, and the Python halves.

use super::{Running, Server, command, half, our_at, path, run, skip, top};
use std::fs;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};

/// Whether a program is there to be run; where it is not, says what is skipped.
fn has(program: &str) -> bool {
    let look = "command -v \"$0\" >/dev/null";
    let found = run(&mut command("sh", &["-c", look, program]), "").status == 0;
    if !found {
        skip(&format!("it needs {program}"));
    }
    found
}

impl Running {
    /// Sends it a signal: `INT`, `STOP`, `CONT`.
    pub fn signal(&self, name: &str) {
        let pid = self.id().to_string();
        let kill = ["-c", "kill -s \"$0\" \"$1\"", name, &pid];
        run(&mut command("sh", &kill), "").is_well("");
    }

    /// Waits until the system says that the process is in this state: `S`
    /// sleeps, `T` is stopped.
    pub fn is_in_state(&self, state: &str) {
        self.wait_until(&format!("the state {state}"), |program| {
            let stat = program.in_proc("stat");
            let (_, stat) = stat.rsplit_once(") ").unwrap();
            stat.starts_with(state)
        });
    }

    /// The port of its one socket that has one, in `net/tcp` or `net/udp`.
    pub fn port(&self, table: &str) -> u16 {
        let files = fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap();
        let files: Vec<_> = files.flat_map(|file| fs::read_link(file.unwrap().path())).collect();
        let table = self.in_proc(table);
        let mut rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
        let own = |row: &Vec<&str>| files.contains(&format!("socket:[{}]", row[9]).into());
        let row = rows.find(own).expect("a socket with a port");
        u16::from_str_radix(&row[1][9..], 16).unwrap()
    }

    pub fn in_proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.id())).unwrap()
    }

    /// Waits until a connection between two ports has been reset: what another
    /// test is just starting may hold the socket that was closed a moment longer.
    pub fn sees_reset(&self, port: u16, peer: u16) {
        let connection = format!(":{port:04X} 0100007F:{peer:04X} ");
        self.wait_until("the reset", |program| !program.in_proc("net/tcp").contains(&connection));
    }

    /// How many descriptors it has open, and the most memory it has had so far, in KiB.
    fn size(&self) -> (usize, u64) {
        let open = fs::read_dir(format!("/proc/{}/fd", self.id())).unwrap();
        let status = self.in_proc("status");
        let (_, peak) = status.split_once("VmHWM:").unwrap();
        (open.count(), peak.split_whitespace().next().unwrap().parse().unwrap())
    }

    /// Something leaves its descriptors and its memory as they were; but for
    /// pages that happen to be touched for the first time, less than any leak.
    pub fn grows_not(&self, what: impl FnOnce()) {
        let (descriptors, memory) = self.size();
        what();
        let (descriptors_now, memory_now) = self.size();
        assert_eq!(descriptors_now, descriptors, "descriptors of {}", self.name);
        assert!(memory_now <= memory + 256, "{memory} KiB, then {memory_now}");
    }
}

/// A standard output whose reader has gone.
pub fn closed_stdout() -> Stdio {
    let (ours, readers) = UnixStream::pair().unwrap();
    // Dropped alone, it would live on in what another test is just starting.
    readers.shutdown(Shutdown::Both).unwrap();
    OwnedFd::from(ours).into()
}

/// A standard output without space.
pub fn full_stdout() -> Stdio {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    full.unwrap().into()
}

/// One of our servers on a port that the kernel picks, with a fault that strace
/// puts in, such as `accept4:error=ECONNABORTED:when=1`. None, said aloud,
/// without strace. Where the test ends strace, the server ends too.
pub fn with_fault(program: &str, fault: &str) -> Option<Server> {
    let mut server = faulty(&our_at(program, 0), fault)?;
    Some(Server::announced(Running::start(&mut server)))
}

/// The same of any command.
pub fn faulty(program: &Command, fault: &str) -> Option<Command> {
    let (call, _) = fault.split_once(':').unwrap();
    let (trace, inject) = (format!("trace={call}"), format!("inject={fault}"));
    let options = ["-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject];
    let mut strace = command("strace", &options);
    strace.args(["setpriv", "--pdeathsig", "KILL"]);
    strace.arg(program.get_program()).args(program.get_args());
    (has("strace") && has("setpriv")).then_some(strace)
}

/// The command that runs a program in a network of its own, which has only a
/// loopback interface: there, fixed ports are free and every interface is safe.
/// None, said aloud, where the system does not allow it.
pub fn alone_on_a_network(program: &str) -> Option<Command> {
    let unshare = |program: &str| command("unshare", &["--map-root-user", "--net", program]);
    let allowed = has("unshare") && run(&mut unshare("true"), "").status == 0;
    if !allowed {
        skip("here nobody may make a network of their own (unshare --net)");
    }
    allowed.then(|| unshare(&path(program)))
}

/// The command that runs a Python half on this port of 127.0.0.1: the halves
/// take no arguments.
pub fn python(program: &str, port: u16) -> Command {
    let mut python = command("python3", &["-u"]);
    python.arg(top().join("scripts/lib/run_half.py")).arg(half(program));
    python.arg(port.to_string()).env("PYTHONIOENCODING", "utf-8");
    python
}

/// A server's Python half, at its first line.
pub fn python_server(program: &str) -> Server {
    Server::start_on_a_given_port(|port| python(program, port))
}
