//! `connect_ex`, which socket2 has not; calls that are tried again; who is a client.

use crate::time::is_stamped_twice;
use crate::{Addr, At, BUFSIZ, Exit, IPPORT_RESERVED, Result, warn};
use socket2::{SockAddr, Socket};
use std::io::{self, ErrorKind::ConnectionAborted, ErrorKind::Interrupted};

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
/// assert_eq!(common::connect_ex(&client(), addr), 0);
///
/// let nobody: SocketAddr = "127.255.255.255:9".parse().unwrap();
/// # #[cfg(target_os = "linux")]
/// assert_eq!(common::connect_ex(&client(), nobody), 101); // ENETUNREACH
/// ```
pub fn connect_ex(socket: &Socket, addr: impl Into<SockAddr>) -> i32 {
    let failed = socket.connect(&addr.into()).err();
    failed.map_or(0, |error| Exit::from(error).status)
}

/// Makes a call that returns a pair, `(conn, addr)` or `(n, addr)`, with the
/// address as Python's tuple. Calls again if a signal interrupted the call, as Python
/// does (PEP 475), or if the connection was gone before it was accepted.
///
/// # Errors
/// Those of the call, but for [`Interrupted`] and [`ConnectionAborted`].
pub fn retry<T, A: TryInto<Addr>>(
    mut call: impl FnMut() -> io::Result<(T, A)>,
) -> io::Result<(T, Addr)> {
    loop {
        match call().map(|(value, addr)| (value, addr.try_into())) {
            Ok((value, Ok(addr))) => return Ok((value, addr)),
            Err(error) if !matches!(error.kind(), Interrupted | ConnectionAborted) => {
                return Err(error);
            }
            _ => {}
        }
    }
}

/// The same for a server, which no single client may end: errors that concern one
/// client only are passed over, with one message each.
///
/// # Errors
/// Those of the call that concern the server's own socket.
pub fn next_client<T, A: TryInto<Addr>>(
    mut call: impl FnMut() -> io::Result<(T, A)>,
) -> io::Result<(T, Addr)> {
    loop {
        match retry(&mut call) {
            Err(error) if error.raw_os_error().is_some_and(concerns_one_client) => {
                warn(format!("a client is lost: {error}"));
            }
            result => return result,
        }
    }
}

// Numbers of Windows, which no other system uses.
const WSAEMSGSIZE: i32 = 10040; // a datagram longer than the buffer, which is full now
const WSAENETRESET: i32 = 10052; // an earlier reply has been on its way for too long
const WSAECONNRESET: i32 = 10054; // an earlier reply found nobody, or a connection is gone

/// Only Windows tells a server at its next `accept` or `recvfrom` what happened to
/// one client.
fn concerns_one_client(number: i32) -> bool {
    [WSAEMSGSIZE, WSAENETRESET, WSAECONNRESET].contains(&number)
}

/// Windows makes an error of a datagram longer than the buffer, and does not say who
/// sent it; this turns it into a full buffer sent by `addr`. Other systems just cut.
///
/// # Errors
/// All others.
pub fn cut(received: io::Result<(usize, Addr)>, addr: &Addr) -> io::Result<(usize, Addr)> {
    match received {
        Err(error) if error.raw_os_error() == Some(WSAEMSGSIZE) => Ok((BUFSIZ, addr.clone())),
        received => received,
    }
}

/// The address on which a bound server listens. Where the kernel picked its
/// port, one message says which.
///
/// # Errors
/// Those of `getsockname`.
pub fn announce(socket: &Socket, addr: Addr) -> Result<Addr> {
    if addr.port != 0 {
        return Ok(addr);
    }
    let bound = socket.local_addr().and_then(Addr::try_from);
    let bound = bound.at("getsockname", &addr)?;
    warn(format!("listening on {}", bound.endpoint()));
    Ok(bound)
}

/// Whether a datagram can come from a client: none sends from a reserved port, and
/// none sends a reply's reply back. One datagram with a forged address would set two
/// servers that answer those on each other for ever.
pub fn is_from_a_client(data: &[u8], addr: &Addr) -> bool {
    addr.port >= IPPORT_RESERVED && !is_stamped_twice(data)
}

#[cfg(test)]
mod tests {
    use super::{cut, is_from_a_client, next_client, retry};
    use crate::{Addr, BUFSIZ};
    use socket2::SockAddr;
    use std::io::Error;
    use std::io::ErrorKind::{self, ConnectionAborted, Interrupted, WouldBlock};
    use std::net::SocketAddr;

    /// What `retry` makes of these results, one a call; a call more is a panic.
    fn tried(results: &[Result<&str, ErrorKind>]) -> Result<Addr, ErrorKind> {
        let mut results = results.iter();
        let call = || match *results.next().expect("too many calls") {
            Ok(addr) => {
                let addr = addr.parse().map(|addr: SocketAddr| addr.into());
                Ok(((), addr.or_else(|_| SockAddr::unix("no address"))?))
            }
            Err(kind) => Err(kind.into()),
        };
        let result = retry(call).map(|((), addr)| addr);
        assert_eq!(results.len(), 0, "too few calls");
        result.map_err(|error| error.kind())
    }

    #[test]
    fn retry_calls_again_after_an_interruption_or_an_aborted_connection() {
        let addr = Ok(Addr::new("127.0.0.1", 51934));
        let came = Ok("127.0.0.1:51934");
        assert_eq!(tried(&[came]), addr);
        assert_eq!(tried(&[Err(Interrupted), Err(Interrupted), came]), addr);
        assert_eq!(tried(&[Err(ConnectionAborted), came]), addr);
        assert_eq!(tried(&[Ok("a peer without an address"), came]), addr);
        assert_eq!(tried(&[Err(WouldBlock)]), Err(WouldBlock));
    }

    /// Of Linux, macOS and Windows: no descriptor is left, not a socket, reset; on
    /// Windows a reset is that of one client.
    #[test]
    fn a_server_passes_over_just_the_errors_that_concern_one_client() {
        let peer: SocketAddr = "127.0.0.1:51934".parse().unwrap();
        for number in [10040, 10052, 10054] {
            let mut results = vec![Ok(("hello", peer)), Err(Error::from_raw_os_error(number))];
            let (data, addr) = next_client(|| results.pop().unwrap()).unwrap();
            assert_eq!((data, addr), ("hello", Addr::from(peer)), "{number}");
        }
        for number in [24, 10024, 88, 38, 10038, 104, 54] {
            let mut results = vec![Err::<((), SocketAddr), _>(Error::from_raw_os_error(number))];
            let ended = next_client(|| results.pop().expect("too many calls"));
            assert_eq!(ended.unwrap_err().raw_os_error(), Some(number));
        }
    }

    #[test]
    fn on_windows_a_datagram_longer_than_the_buffer_fills_it_too() {
        let (asked, other) = (Addr::new("127.0.0.1", 1), Addr::new("127.0.0.2", 2));
        let failed = |number| cut(Err(Error::from_raw_os_error(number)), &asked);
        assert_eq!(failed(10040).unwrap(), (BUFSIZ, asked.clone()));
        assert_eq!(failed(10054).unwrap_err().raw_os_error(), Some(10054));
        assert_eq!(cut(Ok((5, other.clone())), &asked).unwrap(), (5, other));
    }

    #[test]
    fn a_client_sends_from_no_port_below_1024() {
        for (port, answer) in [(0, false), (1023, false), (1024, true), (21567, true)] {
            let addr = Addr::new("127.0.0.1", port);
            assert_eq!(is_from_a_client(b"hello", &addr), answer, "{port}");
        }
    }
}
