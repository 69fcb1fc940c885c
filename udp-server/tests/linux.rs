//! The UDP server under faults and attacks, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP_LEN};
use socket2::{Domain, Protocol, Socket, Type};
use std::net::SocketAddr;
use std::process::Stdio;
use support::linux::{python_server, with_fault};
use support::screens::MAY_LOOP;
use support::udp::{WAITING, answered, exchange, socket};
use support::{DEADLINE, Running, Server, eventually, our_at, same, skip};

/// Forges datagrams: a raw socket writes the UDP header itself, so it can lie
/// about the port that they come from. None, said aloud, without the right.
fn forger() -> Option<impl Fn(u16, SocketAddr, &[u8])> {
    let Ok(raw) = Socket::new(Domain::IPV4, Type::from(3 /* SOCK_RAW */), Some(Protocol::UDP))
    else {
        skip("only root may forge a datagram");
        return None;
    };
    Some(move |from: u16, to: SocketAddr, message: &[u8]| {
        let length = 8 + message.len() as u16;
        let header = [from, to.port(), length, 0].map(u16::to_be_bytes);
        let datagram = [header.as_flattened(), message].concat();
        raw.send_to(&datagram, &to.into()).unwrap();
    })
}

/// How many replies a server has sent: each one is on its screen.
fn replies(server: &Server) -> usize {
    server.program.screen().matches("returned to").count()
}

/// How often the server has said that a datagram came from no client.
fn refusals(server: &Server) -> usize {
    server.program.stderr().matches(MAY_LOOP).count()
}

/// A datagram that claims to come from `other` sets the server on it: they may
/// exchange 12 datagrams at most, the forged one counted. `others_replies` says
/// how many the other one has sent so far.
fn the_loop_ends(server: &Server, other: SocketAddr, mut others_replies: impl FnMut() -> usize) {
    let Some(forge) = forger() else {
        return;
    };
    forge(other.port(), server.addr, b"answer me");
    let mut exchanged = || 1 + replies(server) + others_replies();
    eventually("the end of the loop", || {
        let datagrams = exchanged();
        assert!(datagrams <= 12, "{datagrams} datagrams");
        (refusals(server) > 0).then_some(())
    });
    // What the server refused was the only datagram on its way: nothing else
    // came before the next client.
    let next = socket();
    exchange(server, &next, b"hello");
    let port = next.local_addr().unwrap().port();
    server.program.wait_until("the next client", |program| {
        let screen = program.screen();
        screen.contains(&format!(" {port})")) && screen.ends_with(WAITING)
    });
    let screen = server.program.screen();
    let last = format!("{WAITING}{}", answered(&next));
    let shown = screen.len().saturating_sub(last.len());
    same("the end of udp-server's screen", &screen[shown..], last);
    assert!(exchanged() <= 12 + 1 && refusals(server) == 1);
}

#[test]
fn a_loop_with_itself_ends() {
    let server = Server::start("udp-server");
    the_loop_ends(&server, server.addr, || 0);
}

#[test]
fn a_loop_with_a_second_server_ends() {
    let (server, second) = (Server::start("udp-server"), Server::start("udp-server"));
    the_loop_ends(&server, second.addr, || replies(&second));
}

#[test]
fn a_loop_with_the_python_half_ends() {
    let (server, pythons) = (Server::start("udp-server"), python_server("udp-server"));
    the_loop_ends(&server, pythons.addr, || replies(&pythons));
}

#[test]
fn a_loop_with_an_echo_service_ends() {
    let (server, echo) = (Server::start("udp-server"), socket());
    echo.set_nonblocking(true).unwrap();
    let (mut echoed, mut buf) = (0, [0; 2 * BUFSIZ]);
    the_loop_ends(&server, echo.local_addr().unwrap(), || {
        while let Ok((n, from)) = echo.recv_from(&mut buf) {
            echo.send_to(&buf[..n], from).unwrap();
            echoed += 1;
        }
        echoed
    });
}

#[test]
fn a_reply_that_the_kernel_refuses_costs_one_line_and_nothing_else() {
    let Some(server) = with_fault("udp-server", "sendto:error=EPERM:when=1") else {
        return;
    };
    let refused = socket();
    refused.send_to(b"hello", server.addr).unwrap();
    let from = refused.local_addr().unwrap();
    let message = format!("udp-server: sendto {from}: Operation not permitted (os error 1)");
    assert_eq!(server.program.errors(2)[1..], [message]);
    let next = socket();
    exchange(&server, &next, b"hello");
    let screen = format!("{WAITING}{WAITING}{}", answered(&next));
    server.program.shows(&screen);
}

#[test]
fn a_hundred_thousand_datagrams_as_fast_as_they_go_leave_nothing_behind() {
    let server = Server::start("udp-server");
    let client = socket();
    for _ in 0..100 {
        exchange(&server, &client, &[b'x'; BUFSIZ]);
    }
    server.program.grows_not(|| {
        for _ in 0..100_000 {
            client.send_to(&[b'x'; 512], server.addr).unwrap();
        }
        // It may still be busy or deaf: until the reply comes.
        let last = socket();
        eventually("a reply", || {
            last.send_to(b"still there?", server.addr).unwrap();
            last.recv(&mut [0; BUFSIZ]).ok()
        });
    });
}

/// All from one peer, in words of its own: that is no loop to the rule, and each is answered.
#[test]
fn a_hundred_thousand_requests_leave_memory_as_it_was() {
    let program = Running::start_with_stdout(&mut our_at("udp-server", 0), Stdio::null());
    let server = Server::announced(program);
    let client = socket();
    client.set_read_timeout(Some(DEADLINE)).unwrap();
    let requests = |n| {
        for _ in 0..n {
            client.send_to(&[b'x'; 64], server.addr).unwrap();
            assert_eq!(client.recv(&mut [0; BUFSIZ]).unwrap(), STAMP_LEN + 64);
        }
    };
    requests(1000);
    server.program.grows_not(|| requests(99_000));
}
