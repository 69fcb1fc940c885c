//! Addresses as Python has them: `(host, port)`, looked up when they are used.

use crate::{At, Result};
use socket2::SockAddr;
use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs};

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
    host: Host,
    port: u16,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Host {
    Ip(Ipv4Addr),
    Name(String),
}

impl Addr {
    /// The tuple `(host, port)`. As in Python, `''` stands for every interface,
    /// and a name is not looked up before a call needs it.
    pub fn new(host: &str, port: u16) -> Addr {
        let host = match host.parse() {
            Ok(ip) => Host::Ip(ip),
            Err(_) if host.is_empty() => Host::Ip(Ipv4Addr::UNSPECIFIED),
            Err(_) => Host::Name(host.to_owned()),
        };
        Addr { host, port }
    }

    /// The port, 0 to 65535.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The address that a call can use. Python's `bind`, `connect` and `sendto`
    /// look a name up themselves, each time; so this is called in their place.
    ///
    /// # Errors
    /// Where the name is unknown or has no IPv4 address (`gaierror` in Python).
    pub fn resolve(&self) -> Result<SocketAddr> {
        match &self.host {
            Host::Ip(ip) => Ok(SocketAddrV4::new(*ip, self.port).into()),
            Host::Name(name) => (name.as_str(), self.port)
                .to_socket_addrs()
                .and_then(|mut found| {
                    let none = "the name has no IPv4 address";
                    found
                        .find(SocketAddr::is_ipv4)
                        .ok_or_else(|| io::Error::other(none))
                })
                .at("getaddrinfo", self),
        }
    }

    /// `host:port`, as messages on standard error name an address.
    pub(crate) fn endpoint(&self) -> String {
        match &self.host {
            Host::Ip(ip) => format!("{ip}:{}", self.port),
            Host::Name(name) => format!("{name}:{}", self.port),
        }
    }
}

impl fmt::Display for Addr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(ip) => write!(f, "('{ip}', {})", self.port),
            Host::Name(name) => write!(f, "('{name}', {})", self.port),
        }
    }
}

impl From<SocketAddr> for Addr {
    fn from(addr: SocketAddr) -> Addr {
        let host = match addr {
            SocketAddr::V4(v4) => Host::Ip(*v4.ip()),
            SocketAddr::V6(v6) => Host::Name(v6.ip().to_string()),
        };
        Addr {
            host,
            port: addr.port(),
        }
    }
}

impl From<SockAddr> for Addr {
    fn from(addr: SockAddr) -> Addr {
        addr.as_socket().map_or(Addr::new("", 0), Addr::from)
    }
}

#[cfg(test)]
mod tests {
    use super::Addr;
    use crate::Exit;

    #[test]
    fn an_empty_host_means_every_interface() {
        let any = Addr::new("", 21567).resolve().unwrap();
        assert_eq!(any.to_string(), "0.0.0.0:21567");
    }

    #[test]
    fn a_literal_is_taken_as_it_is() {
        let addr = Addr::new("127.0.0.9", 7);
        assert_eq!(addr.resolve().unwrap().to_string(), "127.0.0.9:7");
        assert_eq!(addr.endpoint(), "127.0.0.9:7");
        assert_eq!(addr.port(), 7);
    }

    #[test]
    fn localhost_is_an_ipv4_address() {
        let addr = Addr::new("localhost", 21567);
        assert_eq!(addr.to_string(), "('localhost', 21567)");
        assert!(addr.resolve().unwrap().is_ipv4());
    }

    #[test]
    fn an_ipv6_literal_has_no_ipv4_address() {
        let exit = Addr::new("::1", 21567).resolve().unwrap_err();
        assert_eq!(
            exit.to_string(),
            "getaddrinfo ::1:21567: the name has no IPv4 address"
        );
        assert_eq!(exit.status(), 1);
    }

    #[test]
    fn an_impossible_name_is_an_error_without_a_number() {
        // A label of more than 63 letters is refused before any server is asked.
        let exit = Addr::new(&"x".repeat(64), 1).resolve().unwrap_err();
        assert!(matches!(
            exit,
            Exit::Failed {
                call: "getaddrinfo",
                ..
            }
        ));
        assert_eq!(exit.status(), 1);
    }

    #[test]
    fn peers_become_tuples() {
        let peer: std::net::SocketAddr = "127.0.0.1:51934".parse().unwrap();
        assert_eq!(Addr::from(peer), Addr::new("127.0.0.1", 51934));
        let peer = socket2::SockAddr::from(peer);
        assert_eq!(Addr::from(peer).to_string(), "('127.0.0.1', 51934)");
    }
}
