//! Every text that a program shows, in one place. If a program is to show another text, edit it
//! here too.

use super::{PROGRAM, assert_same};
use std::time::{Duration, SystemTime};

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
    let now = SystemTime::now();
    let seconds = (0..).map(|seconds| since + Duration::from_secs(seconds));
    let times = seconds.take_while(|time| *time < now).chain([now]);
    let mut stamps = times.map(|time| format!("[{}] ", common::ctime_at(time)));
    let stamp = stamps.find(|stamp| reply.starts_with(stamp.as_bytes()));
    let stamp = stamp.unwrap_or_else(|| "[the time of now] ".into());
    let expected = [stamp.as_bytes(), &answer(message)].concat();
    assert_same(&format!("the reply of {PROGRAM}"), reply, expected);
}
