//! Addresses as Python has them: `(host, port)`, looked up when they are used.

use crate::{At, Exit, Result};
use socket2::SockAddr;
use std::fmt;
use std::io::{Error, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};

/// Python's address tuple `(host, port)` of an `AF_INET` socket.
///
/// It is shown as Python prints it:
///
/// ```
/// let addr = common::Addr::new("127.0.0.1", 51934);
/// assert_eq!(addr.to_string(), "('127.0.0.1', 51934)");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addr {
    /// A name or an IPv4 address.
    pub host: String,
    /// 0 to 65535.
    pub port: u16,
}

impl Addr {
    /// The tuple `(host, port)`. As in Python, `''` is every interface, `0.0.0.0`.
    pub fn new(host: &str, port: u16) -> Addr {
        let host = String::from(if host.is_empty() { "0.0.0.0" } else { host });
        Addr { host, port }
    }

    /// The address that a call can use. Python's `bind`, `connect` and `sendto`
    /// look a name up themselves, each time; so this is called in their place.
    ///
    /// # Errors
    /// Where the name is unknown or has no IPv4 address (`gaierror` in Python).
    pub fn resolve(&self) -> Result<SocketAddr> {
        let found = (self.host.as_str(), self.port).to_socket_addrs();
        let ipv4 = found.at("getaddrinfo", self)?.find(SocketAddr::is_ipv4);
        let none = Exit::new(1, "the name has no IPv4 address");
        ipv4.ok_or(none).at("getaddrinfo", self)
    }

    /// `host:port`, as messages on standard error name an address.
    pub fn endpoint(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "('{}', {})", self.host, self.port)
    }
}

impl From<SocketAddr> for Addr {
    fn from(addr: SocketAddr) -> Addr {
        Addr::new(&addr.ip().to_string(), addr.port())
    }
}

impl TryFrom<SockAddr> for Addr {
    type Error = Error;

    /// # Errors
    /// macOS accepts a connection that is gone already, and then names no peer.
    fn try_from(addr: SockAddr) -> std::result::Result<Addr, Error> {
        let addr = addr.as_socket().map(Addr::from);
        addr.ok_or(ErrorKind::ConnectionAborted.into())
    }
}
