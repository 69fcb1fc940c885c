//! The TCP client with servers that do as a test tells them, well or badly: it
//! shows what came, and ends with a status that says why.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::BUFSIZ;
use socket2::{Domain, Socket, Type};
use std::io::Write;
use std::net::SocketAddr;
use support::tcp::{Peer, expect, reset};
use support::{Running, eventually, number, our_at, run};

#[test]
fn a_refused_connection_ends_it_before_its_prompt() {
    // Bound and not listening: nobody else gets the port, and it refuses.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    bound.bind(&any.into()).unwrap();
    let addr = bound.local_addr().unwrap().as_socket().unwrap();
    let ended = run(&mut our_at("tcp-client", addr.port()), "hello\n");
    ended.failed_with(number::REFUSED, &format!("tcp-client: connect {addr}"));
    assert_eq!(ended.screen, "");
}

#[test]
fn a_reset_ends_it() {
    let peer = Peer::new();
    let ended = eventually("a reset that the client sees", || {
        let mut client = Running::start(&mut peer.client());
        client.type_in("hello\n");
        let mut stream = peer.accept();
        expect(&mut stream, b"hello");
        reset(stream);
        let ended = client.finish();
        (ended.status != 0 || cfg!(unix)).then_some(ended)
    });
    let call = format!("tcp-client: recv {}", peer.addr());
    ended.failed_with(number::RESET, &call);
}

#[test]
fn of_a_flood_each_line_takes_bufsiz() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client());
    let mut stream = peer.accept();
    // It is there before the client reads: as much as the kernel takes.
    stream.set_nonblocking(true).unwrap();
    assert!(stream.write(&[b'x'; 1 << 20]).unwrap() > 2 * BUFSIZ);
    client.type_in("hello\nmore\n\n");
    let reply = "x".repeat(BUFSIZ);
    client.finish().is_well(&format!("> {reply}\n> {reply}\n> "));
}
