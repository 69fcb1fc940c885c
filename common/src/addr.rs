//! Addresses as Python has them: `(host, port)`, looked up when they are used.

use crate::{At, Result};
use socket2::SockAddr;
use std::io::{self, Error, ErrorKind};
use std::net::{SocketAddr, ToSocketAddrs};
use std::{fmt, option};

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

    /// The address as socket2 wants it. Python's `bind` and `connect` look a name up
    /// themselves, each time; so this is called in their place.
    ///
    /// # Errors
    /// Where the name is unknown or has no IPv4 address (`gaierror` in Python).
    pub fn resolve(&self) -> Result<SockAddr> {
        Ok(self.ipv4().at("getaddrinfo", self)?.into())
    }

    fn ipv4(&self) -> io::Result<SocketAddr> {
        let mut found = (self.host.as_str(), self.port).to_socket_addrs()?;
        let none = || Error::other("the name has no IPv4 address");
        found.find(SocketAddr::is_ipv4).ok_or_else(none)
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

/// The first IPv4 address of the host. By this the standard library's `send_to` takes
/// an `Addr` as Python's `sendto` takes a tuple, and looks the name up itself.
impl ToSocketAddrs for Addr {
    type Iter = option::IntoIter<SocketAddr>;

    fn to_socket_addrs(&self) -> io::Result<Self::Iter> {
        self.ipv4().map(|addr| Some(addr).into_iter())
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
