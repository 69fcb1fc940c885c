//! Socket calls in Python's shape. socket2 and the standard library have another.

use crate::exit::number_of;
use crate::warn;
use socket2::{SockAddr, Socket};
use std::io::{self, Error, ErrorKind, Read};
use std::net::{SocketAddr, UdpSocket};

/// Connects, as Python's `connect_ex`: returns 0, or the system's error number.
pub fn connect_ex(socket: &Socket, addr: impl Into<SockAddr>) -> i32 {
    let addr = addr.into();
    // If a signal interrupts it, the kernel goes on connecting. Python waits until that is done; on
    // Linux, a second call waits for the same.
    let connected = again(|| socket.connect(&addr));
    connected.map_or_else(|error| number_of(&error), |()| 0)
}

/// Makes a `Result` of what [`connect_ex`] returned: `Ok` if it is 0, otherwise the error with this
/// number.
pub fn ok_if_0(code: i32) -> io::Result<()> {
    if code == 0 { Ok(()) } else { Err(Error::from_raw_os_error(code)) }
}

/// Waits for a client, as Python's `accept`: a socket for the conversation, and the client's
/// address. One client's error must not end the server for all others, so it is skipped. Fails
/// for errors of the listening socket, such as too many open files, and after many in a row.
pub fn accept(socket: &Socket) -> io::Result<(Socket, SocketAddr)> {
    skipping("accept: skipped an error caused by one client", is_of_one_client, || {
        let (conversation, addr) = socket.accept()?;
        // macOS accepts a client that has disconnected already, and gives no address.
        Ok((conversation, addr.as_socket().ok_or(ErrorKind::ConnectionAborted)?))
    })
}

/// A connection was aborted before `accept`; Windows calls it reset. On Linux, `accept` may also
/// return an error that was pending for the new connection, one of the eight in accept(2).
fn is_of_one_client(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset => true,
        ErrorKind::NetworkDown | ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable => {
            cfg!(target_os = "linux")
        }
        // ENONET, EPROTO, ENOPROTOOPT, EOPNOTSUPP and EHOSTDOWN have no kind of their own.
        _ => USUAL_NUMBERS && matches!(error.raw_os_error(), Some(64 | 71 | 92 | 95 | 112)),
    }
}

/// Linux numbers its errors in one way on all processors that Rust supports, except MIPS and SPARC.
const USUAL_NUMBERS: bool = cfg!(all(
    target_os = "linux",
    not(any(target_arch = "mips", target_arch = "mips32r6")),
    not(any(target_arch = "mips64", target_arch = "mips64r6")),
    not(any(target_arch = "sparc", target_arch = "sparc64"))
));

/// Receives at most `size` bytes, as Python's `recv`; none at the end of the stream. Fails if the
/// connection failed; for example, because the peer reset it.
pub fn recv(mut socket: &Socket, size: usize) -> io::Result<Vec<u8>> {
    let mut data = vec![0; size];
    let n = again(|| socket.read(&mut data))?;
    data.truncate(n);
    Ok(data)
}

/// Receives a datagram, as Python's `recvfrom`: its first `size` bytes, and the sender's address.
/// If it is longer, Python raises an exception on Windows; this truncates it there too. Fails if
/// the socket has a timeout and it is over.
pub fn recv_from(socket: &UdpSocket, size: usize) -> io::Result<(Vec<u8>, SocketAddr)> {
    // Windows fails if the datagram is longer than the buffer. None is longer than this.
    let mut data = vec![0; if cfg!(windows) { 65536 } else { size }];
    // Windows also fails if an earlier datagram found no receiver (WSAECONNRESET), or if its time
    // to live expired (WSAENETRESET).
    let is_of_another = |error: &Error| matches!(error.raw_os_error(), Some(10052 | 10054));
    let skipped = "recvfrom: skipped an error caused by an earlier datagram";
    let (n, addr) = skipping(skipped, is_of_another, || socket.recv_from(&mut data))?;
    data.truncate(n.min(size));
    Ok((data, addr))
}

/// Repeats a call that a signal interrupted, as Python does (PEP 475).
fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Repeats a call with a message if its error is not its own: 16 times in a row at most, more than
/// a queue holds and no endless loop if the network is down.
fn skipping<T>(
    message: &str,
    skips: impl Fn(&Error) -> bool,
    mut call: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    for _ in 0..16 {
        match again(&mut call) {
            Err(error) if skips(&error) => warn(format!("{message}: {error}")),
            result => return result,
        }
    }
    again(call)
}

/// The address to which a server is bound. If the kernel was to pick its port, this asks which one
/// it picked, and prints that on standard error.
pub fn announce(socket: &Socket, requested: SocketAddr) -> io::Result<SocketAddr> {
    if requested.port() != 0 {
        return Ok(requested);
    }
    let bound = socket.local_addr()?.as_socket().unwrap_or(requested);
    warn(format!("bound to {bound}"));
    Ok(bound)
}
