//! Which datagrams the UDP server does not answer.

use crate::format::is_stamp;
use crate::{IPPORT_RESERVED, STAMP_LEN, warn};
use std::net::SocketAddr;

/// Whether a reply to this datagram could start an endless loop; if so, a message says so. The
/// sender's address can be forged, and then one datagram makes two servers that answer everything
/// answer each other. Such a datagram
/// - comes from a reserved port, where a service that answers may be. (Clients that use such a
///   port, as those of NTP and NFS may, get no reply.)
/// - or begins with two timestamps, as in a loop with an echo service or with a server like this.
///
/// A service on another port that answers with a text of its own is not noticed.
pub fn may_loop(data: &[u8], addr: SocketAddr) -> bool {
    let stamps = data.chunks_exact(STAMP_LEN).take(2).filter(|bytes| is_stamp(bytes)).count();
    let may_loop = addr.port() < IPPORT_RESERVED || stamps == 2;
    if may_loop {
        let why = "because a reply could start an endless loop";
        warn(format!("recvfrom {addr}: not answered, {why}"));
    }
    may_loop
}
