//! The two calls that Python's `socket` has and socket2 has not.

use socket2::{SockAddr, Socket};
use std::io::{self, ErrorKind};

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
    match socket.connect(&addr.into()) {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(-1),
    }
}

/// Makes a call again where a signal interrupted it, as Python does (PEP 475).
/// On Linux only a wait with a time limit needs it: stopped by Ctrl-Z and
/// continued, such a call fails with `EINTR`.
///
/// # Errors
/// Those of the call, but for [`ErrorKind::Interrupted`].
pub fn retry<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{connect_ex, retry};
    use socket2::{Domain, Socket, Type};
    use std::io::{Error, ErrorKind};
    use std::net::{SocketAddr, TcpListener};

    fn stream() -> Socket {
        Socket::new(Domain::IPV4, Type::STREAM, None).unwrap()
    }

    #[test]
    fn connect_ex_returns_0_once_connected() {
        let server = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = stream();
        assert_eq!(connect_ex(&client, server.local_addr().unwrap()), 0);
        let peer = client.peer_addr().unwrap().as_socket();
        assert_eq!(peer, server.local_addr().ok());
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn connect_ex_returns_the_number_of_the_error() {
        // Bound, not listening: nobody else can take the port, and it refuses.
        let bound = stream();
        let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
        bound.bind(&any.into()).unwrap();
        assert_eq!(connect_ex(&stream(), bound.local_addr().unwrap()), 111);
    }

    #[test]
    fn retry_calls_again_only_after_an_interruption() {
        let mut calls = 0;
        let result = retry(|| {
            calls += 1;
            match calls {
                1 | 2 => Err(ErrorKind::Interrupted.into()),
                _ => Ok(calls),
            }
        });
        assert_eq!(result.unwrap(), 3);

        let mut calls = 0;
        let result = retry(|| {
            calls += 1;
            Err::<(), _>(Error::from(ErrorKind::WouldBlock))
        });
        assert_eq!(result.unwrap_err().kind(), ErrorKind::WouldBlock);
        assert_eq!(calls, 1);
    }
}
