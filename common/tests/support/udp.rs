//! The other side of a UDP conversation, as a socket of the test's own.

pub use super::screens::UDP_WAITING as WAITING;
use super::{Server, eventually, our_at, same, screens};
use common::BUFSIZ;
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;
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

/// What the server shows of a datagram, and that it waits again.
pub fn answered(client: &UdpSocket) -> String {
    let port = client.local_addr().unwrap().port();
    screens::returned_to(port) + WAITING
}

/// Sends a datagram and takes its reply; what is longer than `BUFSIZ` is cut.
#[track_caller]
pub fn exchange(server: &Server, client: &UdpSocket, message: &[u8]) {
    let since = SystemTime::now();
    client.send_to(message, server.addr).unwrap();
    let (reply, from) = receive(client);
    assert_eq!(from, server.addr);
    let message = &message[..message.len().min(BUFSIZ)];
    screens::is_reply("udp-server", &reply, message, since);
}

/// The command that runs the client against a socket.
pub fn client_of(peer: &UdpSocket) -> Command {
    our_at("udp-client", peer.local_addr().unwrap().port())
}

/// Takes exactly this datagram, and returns who sent it.
#[track_caller]
pub fn expect(peer: &UdpSocket, message: &[u8]) -> SocketAddr {
    let (got, from) = receive(peer);
    same("what udp-client sends", got, message);
    from
}
