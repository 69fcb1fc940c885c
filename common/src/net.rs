//! Socket calls in Python's shape. socket2 and the standard library have another.

use crate::{At, Exit, Result, warn};
use socket2::{SockAddr, SockRef, Socket};
use std::io::{self, Error, ErrorKind, Read};
use std::net::{SocketAddr, UdpSocket};

/// Connects, as Python's `connect_ex`: returns 0, or the system's error number.
pub fn connect_ex(socket: &Socket, addr: impl Into<SockAddr>) -> i32 {
    let error = socket.connect(&addr.into()).err();
    error.map_or(0, |error| error.raw_os_error().expect("connect fails with an error number"))
}

/// Makes a `Result` of what [`connect_ex`] returned: 0 is success, any other number an error.
pub fn check(code: i32) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(Error::from_raw_os_error(code)) }
}

/// Waits for a client, as Python's `accept`: a socket for the conversation, and the client's
/// address. One client's error must not end the server for all others, so it is skipped. Fails
/// for errors of the listening socket, such as too many open files, and after many in a row.
pub fn accept(socket: &Socket) -> Result<(Socket, SocketAddr)> {
    let accepted = again("accept", &is_of_one_client, || {
        let (conversation, addr) = socket.accept()?;
        // macOS accepts a client that has disconnected already, and gives no address.
        Ok((conversation, addr.as_socket().ok_or(ErrorKind::ConnectionAborted)?))
    });
    accepted.or_else(|error| Err(error).at("accept", own(socket)))
}

/// A connection was aborted before `accept`; Windows calls it reset. On Linux, `accept` may also
/// return an error that was pending for the new connection, one of the eight in accept(2).
fn is_of_one_client(error: &Error) -> bool {
    // ENONET, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH
    let pending = matches!(error.raw_os_error(), Some(64 | 71 | 92 | 95 | 100 | 101 | 112 | 113));
    matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset)
        || cfg!(target_os = "linux") && pending
}

/// Receives at most `size` bytes, as Python's `recv`; none at the end of the stream. Fails if the
/// connection failed; for example, because the peer reset it.
pub fn recv(mut socket: &Socket, size: usize) -> io::Result<Vec<u8>> {
    let mut data = vec![0; size];
    let n = again("recv", &|_| false, || socket.read(&mut data))?;
    data.truncate(n);
    Ok(data)
}

/// Receives a datagram, as Python's `recvfrom`: its first `size` bytes, and the sender's address.
/// If it is longer, Python raises an exception on Windows; this truncates it there too. Fails if
/// the socket has a timeout and it is over.
pub fn recv_from(socket: &UdpSocket, size: usize) -> Result<(Vec<u8>, SocketAddr)> {
    // Windows fails if the datagram is longer than the buffer. None is longer than this.
    let mut data = vec![0; if cfg!(windows) { 65536 } else { size }];
    // Windows also fails if an earlier datagram found no receiver (WSAENETRESET, WSAECONNRESET).
    // A server goes on. A client has a timeout, and then no server.
    let timeout = || socket.read_timeout().ok().flatten();
    let skips = |number| matches!(number, Some(10052 | 10054)) && timeout().is_none();
    let received =
        again("recvfrom", &|error| skips(error.raw_os_error()), || socket.recv_from(&mut data));
    let (n, addr) = received.or_else(|error| match (error.kind(), timeout()) {
        // The kinds that a timeout has on Unix and on Windows.
        (ErrorKind::WouldBlock | ErrorKind::TimedOut, Some(timeout)) => {
            let (seconds, exit) = (timeout.as_secs(), Exit::from(error));
            let text = format!("no reply within {seconds} seconds (os error {})", exit.status);
            Err(Exit { text, ..exit })
        }
        _ => Err(error).at("recvfrom", own(socket)),
    })?;
    data.truncate(n.min(size));
    Ok((data, addr))
}

/// Repeats a call that a signal interrupted, as Python does (PEP 475), or whose error is skipped:
/// 16 in a row at most, more than a queue holds and no endless loop if the network is down.
fn again<T>(
    call: &str,
    skips: &dyn Fn(&Error) -> bool,
    mut attempt: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    let mut skipped = 0;
    loop {
        match attempt() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if skipped < 16 && skips(&error) => {
                skipped += 1;
                warn(format!("{call}: skipped an error caused by one client: {error}"));
            }
            result => return result,
        }
    }
}

/// The address to which a socket is bound.
fn own<'s>(socket: impl Into<SockRef<'s>>) -> SocketAddr {
    let addr = socket.into().local_addr().ok().and_then(|addr| addr.as_socket_ipv4());
    SocketAddr::V4(addr.expect("getsockname gives an IPv4 address"))
}

/// If the kernel was to pick a server's port, prints on standard error which one it picked.
pub fn announce(socket: &Socket, requested: SocketAddr) {
    if requested.port() == 0 {
        warn(format!("bound to {}", own(socket)));
    }
}

/// Prints on standard error that a call for one client failed; the server goes on.
pub fn warn_of(call: &str, addr: SocketAddr) -> impl Fn(&Error) {
    move |error| warn(format!("{call} {addr}: {error}"))
}
