//! The error numbers that the tests meet.

/// On Linux, on macOS (and BSD), on Windows.
const fn on(linux: i32, macos: i32, windows: i32) -> i32 {
    if cfg!(windows) {
        windows
    } else if cfg!(target_os = "linux") {
        linux
    } else {
        macos
    }
}

pub const TOO_LONG: i32 = on(90, 40, 10040);
pub const IN_USE: i32 = on(98, 48, 10048);
pub const RESET: i32 = on(104, 54, 10054);
pub const NO_REPLY: i32 = on(11, 35, 10060);
pub const REFUSED: i32 = on(111, 61, 10061);
/// If the system has no number for an error, the exit status is 1.
pub const UNKNOWN_HOST: i32 = on(1, 1, 11001);
