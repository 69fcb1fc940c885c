//! What the four timestamp programs share: constants, formatting, and the socket calls whose
//! shape differs from Python's.
#![doc = include_str!("../methods.md")]

mod args;
mod console;
mod exit;
mod format;
mod net;

pub use args::addr_from_args_or;
pub use console::{input, print, warn, warn_if_long};
pub use exit::{At, Exit, Result, run};
pub use format::{ctime, ctime_at, is_stamp, repr};
pub use net::{accept, announce, connect_ex, ok_if_0, recv, recv_from};

/// The port of all four programs.
pub const PORT: u16 = 21567;

/// The most bytes that a program receives in one call.
pub const BUFSIZ: usize = 1024;

/// How many connections may queue: the argument of `listen`. Linux queues one more.
pub const BACKLOG: i32 = 5;

/// How many bytes a timestamp adds to a message: `[`, the 24 of [`ctime`], `] `.
pub const STAMP_LEN: usize = 27;

/// Ports below this one are reserved for the system. Python's `socket` has it by this name.
pub const IPPORT_RESERVED: u16 = 1024;

/// How long the UDP client waits for a reply. Python waits forever. On Linux the time begins anew
/// when the client continues after a stop (Ctrl-Z, `fg`), because the kernel then interrupts the
/// call.
pub const REPLY_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(5);
