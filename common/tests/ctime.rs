//! `ctime` against fixed moments and zones, and against Python's.
//!
//! A process has one zone, that of `TZ` when it starts (Windows has only the
//! machine's): these tests start their own executable again, once for each zone.

mod support;

use std::time::{Duration, UNIX_EPOCH};

fn at(secs: i64) -> String {
    let away = Duration::from_secs(secs.unsigned_abs());
    let moment = match secs {
        0.. => UNIX_EPOCH + away,
        _ => UNIX_EPOCH - away,
    };
    common::ctime_at(moment)
}

/// In any zone: none is more than a day away.
#[test]
fn a_moment_before_1970_has_its_time() {
    let time = at(-200_000);
    assert!(time.contains(" Dec ") && time.ends_with(" 1969"), "{time}");
}

#[cfg(unix)]
mod in_zones {
    use super::at;
    use super::support::{command, run};
    use std::env;

    /// Not a test by itself: prints the times that `CTIME_AT` asks for.
    #[test]
    fn prints_the_times_it_is_asked_for() {
        for secs in env::var("CTIME_AT").unwrap_or_default().split_whitespace() {
            println!("ctime {}", at(secs.parse().unwrap()));
        }
    }

    /// What `ctime_at` gives in a zone.
    fn ours(zone: &str, moments: &[i64]) -> Vec<String> {
        let args = ["--exact", "in_zones::prints_the_times_it_is_asked_for", "--nocapture"];
        let asked: Vec<String> = moments.iter().map(i64::to_string).collect();
        let mut again = command(env::current_exe().unwrap(), &args);
        let ended = run(again.env("TZ", zone).env("CTIME_AT", asked.join(" ")), "");
        let times = ended.screen.lines().filter_map(|line| line.split_once("ctime "));
        times.map(|(_, time)| time.to_owned()).collect()
    }

    #[test]
    fn fixed_moments_in_fixed_zones() {
        let new_york = "EST5EDT,M3.2.0,M11.1.0";
        for (zone, secs, time) in [
            ("UTC", 0, "Thu Jan  1 00:00:00 1970"),
            ("UTC", -1, "Wed Dec 31 23:59:59 1969"), // a clock can be as wrong as that
            ("UTC", 951_782_400, "Tue Feb 29 00:00:00 2000"),
            ("UTC", 1_793_523_903, "Sun Nov  1 09:05:03 2026"),
            ("UTC-5:45", 1_793_523_903, "Sun Nov  1 14:50:03 2026"),
            (new_york, 1_793_512_799, "Sun Nov  1 01:59:59 2026"),
            (new_york, 1_793_512_800, "Sun Nov  1 01:00:00 2026"),
        ] {
            assert_eq!(ours(zone, &[secs]), [time], "{secs} in {zone:?}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn every_kind_of_zone_gives_pythons_time() {
        // Every 97 days and some hours from 1970 to 2037, and both sides of a
        // change to summer time and back.
        let mut moments: Vec<i64> = (0..2_145_916_800).step_by(8_391_607).collect();
        moments.extend((-2..2).map(|secs| 1_774_746_000 + secs));
        moments.extend((-2..2).map(|secs| 1_792_890_000 + secs));
        let zones = "UTC;;Europe/Berlin;:America/New_York;Australia/Lord_Howe;Pacific/Apia;\
            /usr/share/zoneinfo/Asia/Tokyo;:/usr/share/zoneinfo/America/St_Johns;UTC+3;\
            EST+5:30:15;<+0330>-3:30;CET-1CEST,M3.5.0,M10.5.0/3;XXX3YYY,J60,J300;\
            XXX3YYY,59/1,299/4";
        let code = "import os, sys, time
for os.environ['TZ'] in sys.argv[1].split(';'):
    time.tzset()
    for secs in sys.argv[2:]: print(time.ctime(int(secs)))";
        let mut python = command("python3", &["-c", code, zones]);
        let pythons = run(python.args(moments.iter().map(i64::to_string)), "").screen;
        let mut pythons = pythons.lines();
        for zone in zones.split(';') {
            let pythons: Vec<&str> = pythons.by_ref().take(moments.len()).collect();
            assert_eq!(ours(zone, &moments), pythons, "{zone:?}");
        }
        assert_eq!(pythons.next(), None);
    }
}
