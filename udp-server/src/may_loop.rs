//! Which datagrams the UDP server does not answer.

use common::{IPPORT_RESERVED, STAMP_LEN, is_stamp};
use std::net::SocketAddr;

/// Whether a reply to this datagram could start an endless loop. The sender's address can be
/// forged, and then one datagram makes two servers that answer everything answer each other. Such
/// a datagram
/// - comes from a reserved port, where a service that answers may be. (Clients that use such a
///   port, as those of NTP and NFS may, get no reply.)
/// - or begins with two timestamps, as in a loop with an echo service or with a server like this.
///
/// A service on another port that answers with a text of its own is not noticed.
pub fn may_loop(data: &[u8], addr: SocketAddr) -> bool {
    let stamps = data.chunks_exact(STAMP_LEN).take(2).filter(|bytes| is_stamp(bytes)).count();
    addr.port() < IPPORT_RESERVED || stamps == 2
}

#[cfg(test)]
mod tests {
    use super::may_loop;

    /// The others are in the tests of the whole server.
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
}
