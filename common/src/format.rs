//! Text as Python writes it.

use chrono::format::{Item, Parsed, StrftimeItems, parse};
use chrono::{DateTime, Local};
use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::SystemTime;

/// What `ctime` writes, parsed once: `%e` is the day of the month, padded with a space.
static FORMAT: LazyLock<Vec<Item>> =
    LazyLock::new(|| StrftimeItems::new("%a %b %e %H:%M:%S %Y").collect());

/// The local time now, as Python's `time.ctime()`: `Sun Nov  1 09:05:03 2026`, 24 bytes of ASCII.
pub fn ctime() -> String {
    ctime_at(SystemTime::now())
}

/// A moment in local time, as Python's `time.ctime(secs)`. Only the tests call it from elsewhere.
pub fn ctime_at(moment: SystemTime) -> String {
    let moment = DateTime::<Local>::from(moment).naive_local();
    moment.format_with_items(FORMAT.iter()).to_string()
}

/// Whether these bytes are a timestamp: `[Sun Nov  1 09:05:03 2026] `.
pub fn is_stamp(bytes: &[u8]) -> bool {
    let [b'[', time @ .., b']', b' '] = bytes else { return false };
    let time = std::str::from_utf8(time).unwrap_or_default();
    parse(&mut Parsed::new(), time, FORMAT.iter()).is_ok()
}

/// An IPv4 address as Python prints it, which is the `repr` of a tuple: `('127.0.0.1', 51934)`.
pub fn repr(addr: SocketAddr) -> String {
    format!("('{}', {})", addr.ip(), addr.port())
}
