//! Every text that a program shows, in one place. If a program is to show another text, edit it
//! here too.

use super::{PROGRAM, assert_same};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// This file: a test that fails on a text names it.
pub const FILE: &str = "common/tests/support/screens.rs";

/// A client's prompt.
pub const PROMPT: &str = "> ";

/// What the servers show while they wait.
pub const TCP_WAITING: &str = "waiting for connecting...\n";
pub const UDP_WAITING: &str = "waiting for message...\n";

/// What the TCP server shows of a client that has this port of 127.0.0.1.
pub fn connected_from(port: u16) -> String {
    format!("...connected from: ('127.0.0.1', {port})\n")
}

/// What the UDP server shows of a datagram from this port, after it has answered.
pub fn returned_to(port: u16) -> String {
    format!("...received from and returned to: ('127.0.0.1', {port})\n")
}

/// A server's first message if the kernel picked its port; the address follows.
pub const BOUND: &str = ": bound to ";

/// What the UDP server says of a datagram that it does not answer.
pub const MAY_LOOP: &str = "not answered, because a reply could start an endless loop";

/// What a server makes of a message: the same bytes.
pub fn answer(message: &[u8]) -> Vec<u8> {
    message.to_vec()
}

/// Fails unless a reply is a timestamp of a second from `since` to now, and the answer.
#[track_caller]
pub fn assert_reply(reply: &[u8], message: &[u8], since: SystemTime) {
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let stamp = |secs| {
        let time = common::ctime_at(UNIX_EPOCH + Duration::from_secs(secs));
        format!("[{time}] ").into_bytes()
    };
    let mut stamps = (seconds(since)..=seconds(SystemTime::now())).map(stamp);
    let stamp = stamps.find(|stamp| reply.starts_with(stamp));
    let stamp = stamp.unwrap_or_else(|| b"[the time of now] ".to_vec());
    let expected = [stamp, answer(message)].concat();
    assert_same(&format!("the reply of {PROGRAM}"), reply, expected);
}
