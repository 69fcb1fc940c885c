//! Python's `time.ctime`, and the stamped reply made with it.

use chrono::{DateTime, Datelike, Local, Timelike};
use std::time::{SystemTime, UNIX_EPOCH};

/// The local time now, as Python's `time.ctime()` writes it:
/// `Sun Nov  1 09:05:03 2026`, always 24 bytes of ASCII.
pub fn ctime() -> [u8; 24] {
    let now = match SystemTime::now().duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    };
    ctime_at(now).unwrap_or(*b"Thu Jan  1 00:00:00 1970")
}

/// The local time `secs` seconds after 1970 began in Greenwich, as Python's
/// `time.ctime(secs)` writes it; `None` outside the years 1001 to 9998, so that
/// in every zone a year has four digits.
pub fn ctime_at(secs: i64) -> Option<[u8; 24]> {
    let utc = DateTime::from_timestamp(secs, 0)?;
    if !(1001..9999).contains(&utc.year()) {
        return None;
    }
    let at = utc.with_timezone(&Local).naive_local();
    let weekday = at.weekday().num_days_from_sunday() as usize * 3;
    let month = at.month0() as usize * 3;
    let day = two_digits(at.day());

    let mut text = *b"Day Mon dd hh:mm:ss yyyy";
    text[..3].copy_from_slice(&b"SunMonTueWedThuFriSat"[weekday..weekday + 3]);
    text[4..7].copy_from_slice(&b"JanFebMarAprMayJunJulAugSepOctNovDec"[month..month + 3]);
    text[8..10].copy_from_slice(&day);
    if day[0] == b'0' {
        text[8] = b' ';
    }
    text[11..13].copy_from_slice(&two_digits(at.hour()));
    text[14..16].copy_from_slice(&two_digits(at.minute()));
    text[17..19].copy_from_slice(&two_digits(at.second()));
    text[20..22].copy_from_slice(&two_digits(at.year() as u32 / 100));
    text[22..].copy_from_slice(&two_digits(at.year() as u32 % 100));
    Some(text)
}

fn two_digits(n: u32) -> [u8; 2] {
    [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8]
}

/// The reply to a message, Python's `b'[%s] %s' % (time, data)`:
///
/// ```
/// let reply = common::stamped(b"Sun Nov  1 09:05:03 2026", b"hello");
/// assert_eq!(reply, b"[Sun Nov  1 09:05:03 2026] hello");
/// ```
pub fn stamped(time: &[u8; 24], data: &[u8]) -> Vec<u8> {
    [b"[", &time[..], b"] ", data].concat()
}
