//! The peer of a TCP program: clients for the server's tests, a server for the client's.

use super::{DEADLINE, PROGRAM, Server, assert_same, eventually, screens};
use socket2::SockRef;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
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

/// Sends a message and receives its reply.
#[track_caller]
pub fn exchange(client: &mut TcpStream, message: &[u8]) {
    let since = SystemTime::now();
    client.write_all(message).unwrap();
    let mut reply = vec![0; message.len() + common::STAMP_LEN];
    client.read_exact(&mut reply).unwrap();
    screens::assert_reply(&reply, message, since);
}

/// The next client is served.
#[track_caller]
pub fn serves(server: &Server) {
    exchange(&mut connect(server), b"hello");
}

/// Closes a connection with a reset. Wine sends a FIN first: a waiting program may see only that,
/// and a test has to try again.
pub fn reset(stream: TcpStream) {
    let at_once = Some(Duration::ZERO);
    SockRef::from(&stream).set_linger(at_once).unwrap();
}

/// A server that the test controls.
pub struct Peer {
    listener: TcpListener,
    pub stream: Option<TcpStream>,
}

impl Peer {
    pub fn new() -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        Peer { listener, stream: None }
    }

    pub fn addr(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    /// The connection of the client.
    pub fn stream(&mut self) -> &mut TcpStream {
        self.stream.get_or_insert_with(|| {
            let (stream, _) = eventually("a client", || self.listener.accept().ok());
            stream.set_nonblocking(false).unwrap();
            stream.set_read_timeout(Some(DEADLINE)).unwrap();
            stream
        })
    }

    /// Receives this message.
    #[track_caller]
    pub fn expect(&mut self, message: &[u8]) {
        let mut got = vec![0; message.len()];
        self.stream().read_exact(&mut got).unwrap();
        assert_same(&format!("what {PROGRAM} sends"), got, message);
    }

    /// Sends a reply; if it is empty, the end of the stream.
    pub fn reply(&mut self, reply: &[u8]) {
        self.stream().write_all(reply).unwrap();
        if reply.is_empty() {
            self.stream().shutdown(Shutdown::Write).unwrap();
        }
    }

    /// Nothing else arrives.
    #[track_caller]
    pub fn expect_end(&mut self) {
        let mut rest = Vec::new();
        self.stream().read_to_end(&mut rest).unwrap();
        assert_same(&format!("what {PROGRAM} sends last"), rest, b"");
    }
}
