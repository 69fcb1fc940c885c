//! The UDP server under faults that only Linux can show.

use super::support::linux::server_with;
use super::support::screens::{MAY_LOOP, UDP_WAITING as WAITING};
use super::support::udp::{answered, exchange, socket};
use super::support::{PROGRAM, Server, eventually, skip};
use common::BUFSIZ;
use socket2::{Domain, Protocol, Socket, Type};

/// A raw socket writes the UDP header itself, so it can lie about the port: the datagram says
/// that it came from an echo service.
#[test]
fn a_loop_with_an_echo_service_ends() {
    let Ok(raw) = Socket::new(Domain::IPV4, Type::from(3 /* SOCK_RAW */), Some(Protocol::UDP))
    else {
        return skip("only root may forge a datagram");
    };
    let (server, echo) = (Server::start(), socket());
    let message = b"answer me";
    let ports = [echo.local_addr().unwrap().port(), server.addr.port()];
    let header = [ports[0], ports[1], 8 + message.len() as u16, 0].map(u16::to_be_bytes);
    raw.send_to(&[header.as_flattened(), message].concat(), &server.addr.into()).unwrap();
    let (mut replies, mut buf) = (0, [0; 2 * BUFSIZ]);
    eventually("the end of the loop", || {
        if let Ok((n, from)) = echo.recv_from(&mut buf) {
            replies += 1;
            echo.send_to(&buf[..n], from).unwrap();
        }
        server.program.stderr().contains(MAY_LOOP).then_some(())
    });
    assert_eq!(replies, 2);
    assert_eq!(server.program.screen().matches("returned to").count(), 2);
}

#[test]
fn a_reply_that_the_kernel_refuses_ends_only_that_conversation() {
    let Some(server) = server_with("sendto:error=EPERM:when=1") else {
        return;
    };
    let refused = socket();
    refused.send_to(b"hello", server.addr).unwrap();
    let from = refused.local_addr().unwrap();
    let message = format!("{PROGRAM}: sendto {from}: Operation not permitted (os error 1)");
    assert_eq!(server.program.errors(2)[1..], [message]);
    let next = socket();
    exchange(&server, &next, b"hello");
    server.program.shows(&format!("{WAITING}{WAITING}{}", answered(&next)));
}

#[test]
fn an_interrupted_recvfrom_is_repeated_and_another_error_ends_it() {
    for (fault, status) in [("EINTR:when=1", 0), ("ENOMEM", 12), ("ENETDOWN", 100)] {
        let Some(server) = server_with(&format!("recvfrom:error={fault}")) else {
            return;
        };
        if status == 0 {
            exchange(&server, &socket(), b"hello");
            assert_eq!(server.program.kill().stderr.lines().count(), 1);
        } else {
            let ended = server.program.finish();
            ended.failed_with(status, &format!("recvfrom {}", server.addr));
            assert_eq!(ended.stderr.lines().count(), 2, "{}", ended.stderr);
        }
    }
}
