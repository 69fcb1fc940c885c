//! The other side of a TCP conversation: clients for the server's tests, and a
//! server for the client's.

pub use super::screens::TCP_WAITING as WAITING;
use super::{DEADLINE, Server, eventually, our_at, same, screens};
use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// A client's connection to a server.
pub fn connect(server: &Server) -> TcpStream {
    let client = TcpStream::connect(server.addr).unwrap();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    client.set_write_timeout(Some(DEADLINE)).unwrap();
    client.set_nodelay(true).unwrap();
    client
}

/// What the server shows of a connection.
pub fn connected_from(client: &TcpStream) -> String {
    screens::connected_from(client.local_addr().unwrap().port())
}

/// Sends a message that fits, and takes its reply.
#[track_caller]
pub fn exchange(client: &mut TcpStream, message: &[u8]) {
    let since = SystemTime::now();
    client.write_all(message).unwrap();
    let mut reply = vec![0; message.len() + common::STAMP_LEN];
    client.read_exact(&mut reply).unwrap();
    screens::is_reply("tcp-server", &reply, message, since);
}

/// The next client is served.
#[track_caller]
pub fn serves(server: &Server) {
    exchange(&mut connect(server), b"hello");
}

/// Closes a connection by a reset. Wine ends it and then resets it: there a
/// program that was waiting may see the end alone, and a test has to try again.
pub fn reset(stream: TcpStream) {
    let at_once = Some(Duration::ZERO);
    SockRef::from(&stream).set_linger(at_once).unwrap();
}

/// A server that does as its test tells it.
pub struct Peer {
    listener: TcpListener,
}

impl Peer {
    pub fn new() -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Peer { listener }
    }

    pub fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The command that runs the client against it.
    pub fn client(&self) -> Command {
        our_at("tcp-client", self.addr().port())
    }

    pub fn accept(&self) -> TcpStream {
        let (stream, _) = eventually("a client", || self.listener.accept().ok());
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }
}

/// Takes exactly this message from a client.
#[track_caller]
pub fn expect(stream: &mut TcpStream, message: &[u8]) {
    let mut got = vec![0; message.len()];
    stream.read_exact(&mut got).unwrap();
    same("what tcp-client sends", got, message);
}

/// Takes the end of a conversation from the client's side.
pub fn expect_end(stream: &mut TcpStream) {
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    same("what tcp-client sends at its end", rest, b"");
}
