//! Load for a timestamp server on 127.0.0.1: sends messages of 64 bytes, each
//! after the reply to the one before, and checks every reply. It prints how many
//! nanoseconds the round trips took. With a server on port 4000:
//!
//! ```text
//! cargo run --release -p common --example load -- tcp 4000 20000
//! ```
//!
//! It needs the standard library only, so `rustc` alone builds it too.

use std::env;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::time::{Duration, Instant};

const MESSAGE: usize = 64; // a number of 64 digits, each time another
const STAMP_LEN: usize = 27; // "[Sun Nov  1 09:05:03 2026] "
const REPLY: usize = STAMP_LEN + MESSAGE;
const MOST: u32 = 1_000_000; // round trips in one run
const PATIENCE: Duration = Duration::from_secs(5); // with one reply

fn main() -> ExitCode {
    let args: Vec<String> =
        env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned()).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let took = match (&args[..], args.get(1).and_then(|port| port.parse().ok())) {
        (["tcp", _, count], Some(port @ 1..)) => round_trips(count).map(|n| tcp(port, n)),
        (["udp", _, count], Some(port @ 1..)) => round_trips(count).map(|n| udp(port, n)),
        _ => None,
    };
    match took {
        Some(Ok(took)) => println!("{}", took.as_nanos()),
        Some(Err(error)) => {
            eprintln!("load: {error}");
            return ExitCode::FAILURE;
        }
        None => {
            eprintln!("usage: load tcp|udp PORT ROUND_TRIPS, from 1 to {MOST} of them");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn round_trips(count: &str) -> Option<u32> {
    count.parse().ok().filter(|n| (1..=MOST).contains(n))
}

fn tcp(port: u16, count: u32) -> io::Result<Duration> {
    let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    time(count, |message| {
        socket.write_all(message)?;
        let mut reply = [0; REPLY];
        socket.read_exact(&mut reply)?;
        check(message, &reply)
    })
}

fn udp(port: u16, count: u32) -> io::Result<Duration> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    socket.connect((Ipv4Addr::LOCALHOST, port))?;
    time(count, |message| {
        socket.send(message)?;
        let mut reply = [0; REPLY + 1]; // one more shows a reply that is too long
        let n = socket.recv(&mut reply)?;
        check(message, &reply[..n])
    })
}

/// How long the round trips take, one after the other.
fn time(count: u32, mut round_trip: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<Duration> {
    let start = Instant::now();
    for number in 1..=count {
        round_trip(format!("{number:0MESSAGE$}").as_bytes())?;
    }
    Ok(start.elapsed())
}

/// A reply is right if it is the message with a stamp in front.
fn check(message: &[u8], reply: &[u8]) -> io::Result<()> {
    match reply.strip_suffix(message) {
        Some([b'[', .., b']', b' ']) if reply.len() == REPLY => Ok(()),
        _ => {
            let reply = String::from_utf8_lossy(reply);
            Err(io::Error::other(format!("a wrong reply: {reply:?}")))
        }
    }
}
