//! The TCP client, with servers that behave well or badly.

#[path = "../../common/tests/support/clients.rs"]
mod clients;
#[path = "../../common/tests/support/mod.rs"]
mod support;

use socket2::{Domain, Socket, Type};
use std::net::SocketAddr;
use support::tcp::{Peer, reset};
use support::{Running, eventually, number, program_at, run};

#[test]
fn a_refused_connection_ends_it_before_its_prompt() {
    // Bound and not listening: nobody else gets the port, and it refuses.
    let bound = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    let any: SocketAddr = "127.0.0.1:0".parse().unwrap();
    bound.bind(&any.into()).unwrap();
    let addr = bound.local_addr().unwrap().as_socket().unwrap();
    let ended = run(&mut program_at(addr.port()), "hello\n");
    ended.failed_with(number::REFUSED, &format!("connect {addr}"));
    assert_eq!(ended.screen, "");
}

#[test]
fn a_reset_ends_it() {
    let (ended, addr) = eventually("a reset that the client sees", || {
        let mut peer = Peer::new();
        let client = Running::start(&mut program_at(peer.addr().port()));
        client.type_in("hello\n");
        peer.expect(b"hello");
        let addr = peer.addr();
        reset(peer.stream.take().unwrap());
        let ended = client.finish();
        (ended.status != 0 || cfg!(unix)).then_some((ended, addr))
    });
    ended.failed_with(number::RESET, &format!("recv {addr}"));
}
