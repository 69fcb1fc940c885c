//! The other side of a UDP conversation, as a socket of the test's own.

use super::{DEADLINE, Server, command, now, unstamp};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

/// What the server shows while it waits.
pub const WAITING: &str = "waiting for message...\n";

/// A socket at this address; it waits for a datagram until the deadline.
pub fn socket_at(addr: &str) -> UdpSocket {
    let socket = UdpSocket::bind(addr).unwrap();
    socket.set_read_timeout(Some(DEADLINE)).unwrap();
    socket
}

/// A socket on a port that the kernel picks.
pub fn socket() -> UdpSocket {
    socket_at("127.0.0.1:0")
}

/// Waits for a datagram; a wait with a limit can be interrupted, so it retries.
pub fn receive(socket: &UdpSocket) -> (Vec<u8>, SocketAddr) {
    let mut buf = vec![0; 70_000];
    let (n, from) = common::retry(|| socket.recv_from(&mut buf)).unwrap();
    buf.truncate(n);
    (buf, from)
}

/// What the server shows of a datagram, and that it waits again.
pub fn answered(client: &UdpSocket) -> String {
    let addr = client.local_addr().unwrap();
    let (ip, port) = (addr.ip(), addr.port());
    format!("...received from and returned to: ('{ip}', {port})\n{WAITING}")
}

/// Sends a datagram and returns what follows the stamp of the reply.
pub fn exchange(server: &Server, client: &UdpSocket, message: &[u8]) -> Vec<u8> {
    let since = now();
    client.send_to(message, server.addr).unwrap();
    let (reply, from) = receive(client);
    assert_eq!(from, server.addr);
    unstamp(&reply, since).to_vec()
}

/// The command that runs a client against a socket.
pub fn client_of(peer: &UdpSocket, binary: &str) -> Command {
    let port = peer.local_addr().unwrap().port().to_string();
    command(binary, &["127.0.0.1", &port])
}

/// Takes exactly this datagram, and returns who sent it.
pub fn expect(peer: &UdpSocket, message: &[u8]) -> SocketAddr {
    let (got, from) = receive(peer);
    assert_eq!(got, message);
    from
}
