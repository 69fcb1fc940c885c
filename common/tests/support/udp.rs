//! The peer of a UDP program.

use super::{PROGRAM, Server, assert_same, eventually, screens};
use common::BUFSIZ;
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, SystemTime};

/// A socket on a port that the kernel picks.
pub fn socket() -> UdpSocket {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    let a_while = Some(Duration::from_millis(100));
    socket.set_read_timeout(a_while).unwrap();
    socket
}

/// Waits for a datagram.
pub fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buf = vec![0; 70_000];
    let (n, from) = eventually("a datagram", || socket.recv_from(&mut buf).ok());
    buf.truncate(n);
    (buf, from)
}

/// What the server shows after it has answered: the client, and that it waits again.
pub fn answered(client: &UdpSocket) -> String {
    let port = client.local_addr().unwrap().port();
    screens::returned_to(port) + screens::UDP_WAITING
}

/// Sends a datagram and receives its reply; the server truncates the datagram to `BUFSIZ`.
#[track_caller]
pub fn exchange(server: &Server, client: &UdpSocket, message: &[u8]) {
    let since = SystemTime::now();
    client.send_to(message, server.addr).unwrap();
    let (reply, from) = receive(client);
    assert_eq!(from, server.addr);
    let message = &message[..message.len().min(BUFSIZ)];
    screens::assert_reply(&reply, message, since);
}

/// A server that the test controls.
pub struct Peer {
    pub socket: UdpSocket,
    pub client: Option<SocketAddr>,
}

impl Peer {
    pub fn new() -> Peer {
        Peer { socket: socket(), client: None }
    }

    pub fn addr(&self) -> SocketAddr {
        self.socket.local_addr().unwrap()
    }

    /// Receives this message.
    #[track_caller]
    pub fn expect(&mut self, message: &[u8]) {
        let (got, from) = receive(&self.socket);
        self.client = Some(from);
        assert_same(&format!("what {PROGRAM} sends"), got, message);
    }

    pub fn reply(&mut self, reply: &[u8]) {
        self.socket.send_to(reply, self.client.unwrap()).unwrap();
    }

    /// Nothing else came.
    #[track_caller]
    pub fn expect_end(&mut self) {
        self.socket.set_nonblocking(true).unwrap();
        assert!(self.socket.recv(&mut [0; 1]).is_err(), "{PROGRAM} sends more");
    }
}
