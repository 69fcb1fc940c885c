//! What both servers do alike.

mod support;

use std::net::{TcpListener, UdpSocket};
use support::{Server, number, our_at, run};

const BOTH: [&str; 2] = ["tcp-server", "udp-server"];

#[test]
fn a_given_port_is_not_announced() {
    for program in BOTH {
        let server = Server::start_on_a_given_port(|port| our_at(program, port));
        assert_eq!(server.program.end().stderr, "");
    }
}

#[test]
fn an_address_in_use_ends_it() {
    let stream = TcpListener::bind("127.0.0.1:0").unwrap();
    let datagrams = UdpSocket::bind("127.0.0.1:0").unwrap();
    for (program, taken) in BOTH.into_iter().zip([stream.local_addr(), datagrams.local_addr()]) {
        let addr = taken.unwrap();
        let ended = run(&mut our_at(program, addr.port()), "");
        ended.failed_with(number::IN_USE, &format!("{program}: bind {addr}"));
        assert_eq!(ended.screen, "");
    }
}
