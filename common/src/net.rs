//! `connect_ex`, which socket2 has not; calls that are tried again; what a server does
//! not answer.

use crate::time::is_stamped_twice;
use crate::{Addr, At, BUFSIZ, Exit, IPPORT_RESERVED, REPLY_TIMEOUT, Result, warn};
use socket2::{SockAddr, Socket};
use std::io::{Error, ErrorKind};
use std::{io, net::SocketAddr};

/// Connects as Python's `socket.connect_ex` does: returns 0, or the number of
/// the system's error, in place of an exception.
///
/// ```
/// use socket2::{Domain, Socket, Type};
/// use std::net::{SocketAddr, TcpListener};
///
/// let server = TcpListener::bind("127.0.0.1:0").unwrap();
/// let addr = server.local_addr().unwrap();
/// let client = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
/// assert_eq!(common::connect_ex(&client(), &addr.into()), 0);
///
/// let nobody: SocketAddr = "127.255.255.255:9".parse().unwrap();
/// # #[cfg(target_os = "linux")]
/// assert_eq!(common::connect_ex(&client(), &nobody.into()), 101); // ENETUNREACH
/// ```
pub fn connect_ex(socket: &Socket, addr: &SockAddr) -> i32 {
    let failed = socket.connect(addr).err();
    failed.map_or(0, |error| Exit::from(error).status)
}

/// What [`connect_ex`] has returned as a `Result`: 0 is success.
///
/// # Errors
/// Any other number, as the system's error of that number.
pub fn check(code: i32) -> io::Result<()> {
    match code {
        0 => Ok(()),
        _ => Err(Error::from_raw_os_error(code)),
    }
}

/// Makes a call that returns a pair, `(conn, addr)` or `(n, addr)`, with the address as
/// Python's tuple. Calls again if the connection was gone before it was accepted, or if a
/// signal interrupted the call. Python does the latter with every call (PEP 475).
fn retry<T, A: TryInto<Addr>>(
    mut call: impl FnMut() -> io::Result<(T, A)>,
) -> io::Result<(T, Addr)> {
    loop {
        match call().map(|(value, addr)| (value, addr.try_into())) {
            Ok((value, Ok(addr))) => return Ok((value, addr)),
            Err(error) => match error.kind() {
                ErrorKind::Interrupted | ErrorKind::ConnectionAborted => {}
                _ => return Err(error),
            },
            _ => {}
        }
    }
}

/// Calls `accept` or `recvfrom` for a server, which no single client may end: an error
/// that concerns one client only is passed over, with a message. A call that a signal
/// interrupted, or whose connection was gone before it was accepted, is made again.
///
/// # Errors
/// Those of the call that concern the server's own socket.
pub fn next_client<T, A: TryInto<Addr>>(
    mut call: impl FnMut() -> io::Result<(T, A)>,
) -> io::Result<(T, Addr)> {
    loop {
        match retry(&mut call) {
            Err(error) if concerns_one_client(&error) => warn(format!("a client is lost: {error}")),
            result => return result,
        }
    }
}

// Numbers of Windows, which no other system uses.
const WSAEMSGSIZE: i32 = 10040; // a datagram longer than the buffer, which is full now
const WSAENETRESET: i32 = 10052; // an earlier reply has been on its way for too long
const WSAECONNRESET: i32 = 10054; // an earlier reply found nobody, or a connection is gone

/// Windows tells a server at its next `accept` or `recvfrom` what happened to one client;
/// Linux may pass on an error of the network at `accept`, says its manual, accept(2).
fn concerns_one_client(error: &Error) -> bool {
    use ErrorKind::{HostUnreachable, NetworkDown, NetworkUnreachable};
    let number = error.raw_os_error().unwrap_or_default();
    [WSAEMSGSIZE, WSAENETRESET, WSAECONNRESET].contains(&number)
        || matches!(error.kind(), HostUnreachable | NetworkDown | NetworkUnreachable)
}

/// Calls `recvfrom` for a client that has asked a server: a reply, and who sent it. The
/// call is made again where it was interrupted by a signal. Windows makes an error of a
/// datagram longer than the buffer and does not say who sent it: here it is a full buffer
/// sent by the server that was asked. Other systems just cut.
///
/// # Errors
/// Those of the call. That the time for a reply is over, which Unix calls `WouldBlock` and
/// Windows `TimedOut`, is said in plain words.
pub fn next_reply(
    asked: &Addr,
    call: impl FnMut() -> io::Result<(usize, SocketAddr)>,
) -> Result<(usize, Addr)> {
    let received = retry(call).map_err(|error| match (error.kind(), Exit::from(error)) {
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Exit { status, .. }) => {
            let seconds = REPLY_TIMEOUT.as_secs();
            let late = format!("no reply within {seconds} seconds (os error {status})");
            Exit::new(status, late)
        }
        (_, exit) => exit,
    });
    match received {
        Err(exit) if exit.status == WSAEMSGSIZE => Ok((BUFSIZ, asked.clone())),
        received => received.at("recvfrom", asked),
    }
}

/// A server's client is lost: says so, and counts as 0 bytes, like the end of the
/// conversation. For `unwrap_or_else`.
pub fn lost(error: Exit) -> usize {
    warn(error);
    0
}

/// The address to which a server is bound. Where the kernel picked its port, one message
/// says which.
///
/// # Errors
/// Those of `getsockname`.
pub fn announce(socket: &Socket, addr: Addr) -> Result<Addr> {
    if addr.port != 0 {
        return Ok(addr);
    }
    let bound = socket.local_addr().and_then(Addr::try_from);
    let bound = bound.at("getsockname", &addr)?;
    warn(format!("bound to {}", bound.endpoint()));
    Ok(bound)
}

/// Whether a reply might start an endless loop. The address that a datagram came from can
/// be forged: one datagram would set two servers that answer everything on each other.
///
/// It is so for a datagram from a reserved port, where services that answer may be (and
/// some clients: those of NTP and NFS); and for one that begins with two stamps, such as
/// a loop with an echo or with a server like this brings after one turn. A peer on
/// another port that answers with words of its own is not noticed.
///
/// ```
/// let from = |port| common::Addr::new("127.0.0.1", port);
/// assert!(common::may_loop(b"hello", &from(1023)));
/// assert!(!common::may_loop(b"hello", &from(1024)));
/// ```
pub fn may_loop(data: &[u8], addr: &Addr) -> bool {
    addr.port < IPPORT_RESERVED || is_stamped_twice(data)
}

#[cfg(test)]
mod tests {
    use super::{next_client, next_reply};
    use crate::{Addr, BUFSIZ};
    use socket2::SockAddr;
    use std::io::{Error, ErrorKind};
    use std::net::SocketAddr;

    /// By their kind on the system that this runs on, and by the numbers of Windows; at
    /// last a peer without an address.
    #[test]
    fn a_server_passes_over_just_the_errors_that_concern_one_client() {
        use ErrorKind::{ConnectionAborted, HostUnreachable, Interrupted};
        use ErrorKind::{NetworkDown, NetworkUnreachable};
        let peer: SocketAddr = "127.0.0.1:51934".parse().unwrap();
        let kinds =
            [Interrupted, ConnectionAborted, HostUnreachable, NetworkDown, NetworkUnreachable];
        let numbers = [10040, 10052, 10054].map(Error::from_raw_os_error);
        let errors = kinds.map(Error::from).into_iter().chain(numbers).map(Err);
        for first in errors.chain([Ok(SockAddr::unix("no address").unwrap())]) {
            let mut results = vec![Ok(("hello", peer.into())), first.map(|addr| ("none", addr))];
            let (data, addr) = next_client(|| results.pop().unwrap()).unwrap();
            assert_eq!((data, addr), ("hello", Addr::from(peer)));
        }
        // Of Linux, macOS and Windows: no descriptor is left, not a socket, reset.
        for number in [24, 10024, 88, 38, 10038, 104, 54] {
            let mut results = vec![Err::<((), SocketAddr), _>(Error::from_raw_os_error(number))];
            let ended = next_client(|| results.pop().expect("too many calls"));
            assert_eq!(ended.unwrap_err().raw_os_error(), Some(number));
        }
    }

    #[test]
    fn on_windows_a_reply_longer_than_the_buffer_fills_it_too() {
        let (asked, other) = (Addr::new("127.0.0.1", 1), "127.0.0.2:2");
        let failed = |number| next_reply(&asked, || Err(Error::from_raw_os_error(number)));
        assert_eq!(failed(10040), Ok((BUFSIZ, asked.clone())));
        assert_eq!(failed(10054).unwrap_err().status, 10054);
        let came = next_reply(&asked, || Ok((5, other.parse().unwrap())));
        assert_eq!(came, Ok((5, Addr::new("127.0.0.2", 2))));
    }
}
