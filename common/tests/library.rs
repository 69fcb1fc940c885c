//! The parts of the library that need no socket.

use common::{ctime, ctime_at, may_loop, parse_args};
use std::process::Command;
use std::time::{Duration, UNIX_EPOCH};
use std::{env, thread};

#[test]
fn arguments_are_host_and_port_and_wrong_ones_are_named() {
    for (args, expected) in [
        (&[][..], "default 21567"),
        (&["localhost"], "localhost 21567"),
        (&["", "0"], " 0"),
        (&["--", "-h", "65535"], "-h 65535"),
        (&["::1"], "::1 21567"),
        (&["x", "y", "z", "-h"], "0: "),
        (&["--version", "--bogus"], "0: "),
        (&["--bogus", "-h"], "2: unknown option '--bogus'\nusage: "),
        (&["-", "--"], "2: unknown option '-'\n"),
        (&["4000"], "2: '4000' looks like a port, but the first argument is HOST\n"),
        (&["host:80"], "2: HOST and PORT are two arguments, not 'host:80'\n"),
        (&["host", "65536"], "2: PORT is a number from 0 to 65535, not '65536'\n"),
        (&["host", "+80"], "2: PORT is a number from 0 to 65535, not '+80'\n"),
        (&["--", "host", "-1"], "2: PORT is a number from 0 to 65535, not '-1'\n"),
        (&["host", " 80"], "2: PORT is a number from 0 to 65535, not ' 80'\n"),
        (&["host", ""], "2: PORT is a number from 0 to 65535, not ''\n"),
        (&["a", "1", "--", "-h"], "2: one argument too many: '-h'\n"),
    ] {
        let args: Vec<String> = args.iter().map(ToString::to_string).collect();
        let got = match parse_args(&args, "default", 21567) {
            Ok((host, port)) => format!("{host} {port}"),
            Err(exit) => format!("{}: {exit}", exit.status),
        };
        assert!(got.starts_with(expected), "{args:?}: expected {expected:?}, got {got:?}");
    }
}

/// Those that could are in udp-server/tests.
#[test]
fn what_only_looks_like_two_timestamps_could_not_start_a_loop() {
    let stamp = "[Sun Nov  1 09:05:03 2026] ";
    for text in [
        String::new(),
        "x".repeat(54),
        stamp.to_owned(),
        format!("{stamp}hello {stamp}"),
        format!("he said {stamp}{stamp}"),
        format!("{stamp}{}", stamp.trim_end()),
        format!("{stamp}[Sun Nov  1 09:05:03 2026]\t"),
        format!("{stamp}[Sun Nov 31 09:75:03 2026] "),
        format!("{stamp}(Sun Nov  1 09:05:03 2026) "),
        format!("{stamp}{}", "☃".repeat(9)),
    ] {
        assert!(!may_loop(text.as_bytes(), ([127, 0, 0, 1], 1024).into()), "{text}");
    }
}

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
