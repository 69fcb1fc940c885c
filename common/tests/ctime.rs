//! `ctime` against fixed instants and zones, and against Python's.
//!
//! A process has one zone, that of `TZ` when it starts: these tests start their
//! own executable again, once for each zone.

mod support;

use std::env;
use support::{command, output_of};

/// Not a test by itself: prints the times that `CTIME_AT` asks for.
#[test]
fn prints_the_times_it_is_asked_for() {
    for secs in env::var("CTIME_AT").unwrap_or_default().split_whitespace() {
        let time = common::ctime_at(secs.parse().unwrap());
        let time = time.map_or("none".into(), |time| {
            String::from_utf8(time.to_vec()).unwrap()
        });
        println!("ctime {time}");
    }
}

/// What `ctime_at` gives in a zone.
fn ours(zone: &str, instants: &[i64]) -> Vec<String> {
    let myself = env::current_exe().unwrap();
    let args = ["--exact", "prints_the_times_it_is_asked_for", "--nocapture"];
    let asked: Vec<String> = instants.iter().map(i64::to_string).collect();
    let mut again = command(myself, &args);
    let printed = output_of(again.env("TZ", zone).env("CTIME_AT", asked.join(" ")));
    let times = printed.lines().filter_map(|line| line.split_once("ctime "));
    times.map(|(_, time)| time.to_owned()).collect()
}

/// What Python's `time.ctime` gives there.
fn pythons(zone: &str, instants: &[i64]) -> Vec<String> {
    let code = "import sys, time\nfor secs in sys.argv[1:]: print(time.ctime(int(secs)))";
    let mut python = command("python3", &["-c", code]);
    let asked = instants.iter().map(i64::to_string);
    let printed = output_of(python.args(asked).env("TZ", zone));
    printed.lines().map(str::to_owned).collect()
}

#[test]
fn fixed_instants_in_fixed_zones() {
    for (zone, secs, time) in [
        ("UTC", 0, "Thu Jan  1 00:00:00 1970"),
        ("UTC", -1, "Wed Dec 31 23:59:59 1969"),
        ("UTC", 951_782_400, "Tue Feb 29 00:00:00 2000"),
        ("UTC", 1_793_523_903, "Sun Nov  1 09:05:03 2026"),
        ("", 1_793_523_903, "Sun Nov  1 09:05:03 2026"),
        ("UTC-5:45", 1_793_523_903, "Sun Nov  1 14:50:03 2026"),
        (
            "EST5EDT,M3.2.0,M11.1.0",
            1_793_512_799,
            "Sun Nov  1 01:59:59 2026",
        ),
        (
            "EST5EDT,M3.2.0,M11.1.0",
            1_793_512_800,
            "Sun Nov  1 01:00:00 2026",
        ),
        ("UTC", 253_402_300_800, "none"),
        ("UTC", i64::MAX, "none"),
        ("UTC", i64::MIN, "none"),
    ] {
        assert_eq!(ours(zone, &[secs]), [time], "{secs} in {zone:?}");
    }
}

#[test]
fn every_kind_of_zone_gives_pythons_time() {
    // Every 97 days and some hours from 1970 to 2037, and both sides of a
    // change to summer time and back.
    let mut instants: Vec<i64> = (0..2_145_916_800).step_by(8_391_607).collect();
    instants.extend((-2..2).map(|secs| 1_774_746_000 + secs));
    instants.extend((-2..2).map(|secs| 1_792_890_000 + secs));
    for zone in [
        "UTC",
        "",
        "Europe/Berlin",
        ":America/New_York",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "/usr/share/zoneinfo/Asia/Tokyo",
        ":/usr/share/zoneinfo/America/St_Johns",
        "UTC+3",
        "EST+5:30:15",
        "<+0330>-3:30",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
        "XXX3YYY,J60,J300",
        "XXX3YYY,59/1,299/4",
    ] {
        assert_eq!(ours(zone, &instants), pythons(zone, &instants), "{zone:?}");
    }
}

#[test]
fn now_is_now() {
    let before = support::now();
    let time = common::ctime();
    let now = |secs| common::ctime_at(secs) == Some(time);
    assert!((before..=support::now()).any(now));
}

#[test]
fn a_stamp_is_as_long_as_it_says() {
    assert_eq!(common::stamped(&common::ctime(), b"").len(), common::STAMP);
}
