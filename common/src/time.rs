//! Python's `time.ctime`.

use crate::STAMP_LEN;
use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, Local};
use std::sync::LazyLock;
use std::time::SystemTime;

/// What `ctime` writes, parsed once: `%e` is the day of the month, padded by a space.
static FORMAT: LazyLock<Vec<Item>> =
    LazyLock::new(|| StrftimeItems::new("%a %b %e %H:%M:%S %Y").collect());

/// The local time now, as Python's `time.ctime()` writes it:
/// `Sun Nov  1 09:05:03 2026`, 24 bytes of ASCII.
pub fn ctime() -> String {
    ctime_at(SystemTime::now())
}

/// A moment in local time, as Python's `time.ctime(secs)` writes it.
pub fn ctime_at(moment: SystemTime) -> String {
    let moment = DateTime::<Local>::from(moment).naive_local();
    moment.format_with_items(FORMAT.iter()).to_string()
}

/// Whether a message begins with two stamps in a row,
/// `[Sun Nov  1 09:05:03 2026] [Sun Nov  1 09:05:04 2026] `: two servers have
/// answered each other.
pub(crate) fn is_stamped_twice(data: &[u8]) -> bool {
    let two = data.get(..2 * STAMP_LEN);
    two.is_some_and(|stamps| stamps.chunks(STAMP_LEN).all(is_stamp))
}

fn is_stamp(bytes: &[u8]) -> bool {
    let [b'[', time @ .., b']', b' '] = bytes else {
        return false;
    };
    let time = std::str::from_utf8(time).unwrap_or_default();
    parse(&mut Parsed::new(), time, FORMAT.iter()).is_ok()
}
