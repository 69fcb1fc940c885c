//! The parts of the library that need no socket.

use common::{ctime, ctime_at};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, thread};

/// A process has one time zone, so this starts itself once more.
#[test]
fn ctime_is_the_local_time_in_24_bytes_with_a_padded_day() {
    assert_eq!(ctime().len(), 24);
    let moment = ctime_at(UNIX_EPOCH + Duration::from_secs(1_793_523_903));
    if env::var_os("TZ").is_some_and(|zone| zone == "UTC-5:45") {
        return assert_eq!(moment, "Sun Nov  1 14:50:03 2026");
    }
    let mut again = Command::new(env::current_exe().unwrap());
    again.args(["--exact", thread::current().name().unwrap()]).env("TZ", "UTC-5:45");
    let printed = String::from_utf8(again.output().unwrap().stdout).unwrap();
    assert!(cfg!(windows) || printed.contains(" 1 passed"), "{printed}"); // Windows ignores TZ
}
