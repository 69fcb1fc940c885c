//! The parts of the library that need no socket.

use common::{ctime, ctime_at, repr};
use std::env;
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};

/// A process has one time zone, so this starts itself once more.
#[test]
fn ctime_is_the_local_time_in_24_bytes_with_a_padded_day() {
    const NAME: &str = "ctime_is_the_local_time_in_24_bytes_with_a_padded_day";
    assert_eq!(ctime().len(), 24);
    let moment = ctime_at(UNIX_EPOCH + Duration::from_secs(1_793_523_903));
    if env::var_os("TZ").is_some_and(|zone| zone == "UTC-5:45") {
        return assert_eq!(moment, "Sun Nov  1 14:50:03 2026");
    }
    let mut again = Command::new(env::current_exe().unwrap());
    let again = again.args(["--exact", NAME]).env("TZ", "UTC-5:45").output().unwrap();
    assert!(cfg!(windows) || again.status.success(), "{again:?}"); // Windows ignores TZ
}

#[test]
fn an_address_is_shown_as_python_shows_its_tuple() {
    assert_eq!(repr(([127, 0, 0, 1], 51934).into()), "('127.0.0.1', 51934)");
}
