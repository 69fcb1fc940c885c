//! The other side of a UDP conversation, as a socket of the test's own.

use super::{Server, eventually, our_at, unstamp};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// What the server shows while it waits.
pub const WAITING: &str = "waiting for message...\n";

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

/// What the server shows of a datagram, and that it waits again.
pub fn answered(client: &UdpSocket) -> String {
    let port = client.local_addr().unwrap().port();
    format!("...received from and returned to: ('127.0.0.1', {port})\n{WAITING}")
}

/// Sends a datagram and returns what follows the stamp of the reply.
pub fn exchange(server: &Server, client: &UdpSocket, message: &[u8]) -> Vec<u8> {
    let since = SystemTime::now();
    client.send_to(message, server.addr).unwrap();
    let (reply, from) = receive(client);
    assert_eq!(from, server.addr);
    unstamp(&reply, since).to_vec()
}

/// The command that runs the client against a socket.
pub fn client_of(peer: &UdpSocket) -> Command {
    our_at("udp-client", peer.local_addr().unwrap().port())
}

/// Takes exactly this datagram, and returns who sent it.
pub fn expect(peer: &UdpSocket, message: &[u8]) -> SocketAddr {
    let (got, from) = receive(peer);
    assert_eq!(got, message);
    from
}
