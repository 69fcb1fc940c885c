//! What the four timestamp programs share: constants, formatting, `connect_ex`
//! and the chores (arguments, prompt, screen, exit status).
//!
//! The socket calls are the lesson: they stand in the four `main.rs`, and below.
#![doc = include_str!("../methods.md")]

mod addr;
mod args;
mod console;
mod exit;
mod net;
mod time;

pub use addr::Addr;
pub use console::{input, print, warn, warn_if_long};
pub use exit::{At, Exit, Result, run};
pub use net::{announce, check, connect_ex, lost, may_loop, next_client, next_reply};
pub use time::{ctime, ctime_at};

use std::time::Duration;

/// The port of all four programs, as in the originals.
pub const PORT: u16 = 21567;

/// How many bytes a program receives at most in one call, as in the originals.
pub const BUFSIZ: usize = 1024;

/// How many connections may queue while a TCP server serves another: the
/// argument of `listen`, as in the originals. Linux queues one more than this.
pub const BACKLOG: i32 = 5;

/// What a stamp adds to a message, in bytes: `[`, the 24 of [`ctime`], `] `.
pub const STAMP_LEN: usize = 27;

/// Ports below this one are reserved for services of the system. Python has it
/// under the same name in `socket`.
pub const IPPORT_RESERVED: u16 = 1024;

/// How long the UDP client waits for a reply; Python waits for ever.
pub const REPLY_TIMEOUT: Duration = Duration::from_secs(5);
