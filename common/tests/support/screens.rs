//! Every text that a program shows, in one place. If a program is to show something else,
//! its words change here, and in the scripts that know them (`git grep` finds those).

use super::same;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Where a test that fails on a text sends its reader.
pub const HERE: &str = "common/tests/support/screens.rs";

/// A client's prompt.
pub const PROMPT: &str = "> ";

/// What the servers show while they wait.
pub const TCP_WAITING: &str = "waiting for connecting...\n";
pub const UDP_WAITING: &str = "waiting for message...\n";

/// What the TCP server shows of a client that came from this port of 127.0.0.1.
pub fn connected_from(port: u16) -> String {
    format!("...connected from: ('127.0.0.1', {port})\n")
}

/// What the UDP server shows of a datagram from there, once it has answered.
pub fn returned_to(port: u16) -> String {
    format!("...received from and returned to: ('127.0.0.1', {port})\n")
}

/// A server's first message where the kernel picked its port; the address follows.
pub const BOUND: &str = ": bound to ";

/// What the servers say of a datagram that they do not answer.
pub const MAY_LOOP: &str = "no reply, it might start a loop";

/// What a server makes of a message: the same bytes.
pub fn answer(message: &[u8]) -> Vec<u8> {
    message.to_vec()
}

/// A reply is a stamp of a second from `since` to now, and the answer to its message.
#[track_caller]
pub fn is_reply(server: &str, reply: &[u8], message: &[u8], since: SystemTime) {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let stamp = |secs| {
        let time = common::ctime_at(UNIX_EPOCH + Duration::from_secs(secs));
        format!("[{time}] ").into_bytes()
    };
    let mut stamps = (seconds(since)..=seconds(SystemTime::now())).map(stamp);
    let stamp = stamps.find(|stamp| reply.starts_with(stamp));
    let stamp = stamp.unwrap_or_else(|| b"[the time of now] ".to_vec());
    let expected = [stamp, answer(message)].concat();
    same(&format!("the reply of {server}"), reply, expected);
}

/// Hides what differs from run to run: the times of stamps, and the client's port behind
/// its address.
pub fn masked(screen: &str, port: u16) -> String {
    let screen = screen.replace(&format!("('127.0.0.1', {port})"), "('127.0.0.1', PORT)");
    let mask = |line: &str| {
        let at = usize::from(line.starts_with(PROMPT)) * PROMPT.len();
        match line[at..].strip_prefix('[').and_then(|rest| rest.get(24..)) {
            Some(rest) if rest.starts_with("] ") => format!("{}[TIME{rest}", &line[..at]),
            _ => line.to_owned(),
        }
    };
    screen.split_inclusive('\n').map(mask).collect()
}
