//! The UDP server under faults and attacks: it stays alive, its descriptors and
//! its memory stay as they were, and the next client is served.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use common::{BUFSIZ, STAMP};
use socket2::{Domain, Protocol, Socket, Type};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::process::Stdio;
use std::time::Duration;
use support::udp::{WAITING, answered, exchange, receive, socket};
use support::{
    Running, Server, command, draw, eventually, has, interruptible, now, servers, skip, unstamp,
};

const BINARY: &str = env!("CARGO_BIN_EXE_udp-server");

/// Exchanges a message with a server that may still be busy or deaf: sends it
/// until the reply comes.
fn reaches(server: &Server, message: &[u8]) {
    let client = socket();
    client
        .set_read_timeout(Some(Duration::from_millis(100)))
        .unwrap();
    let since = now();
    let mut reply = [0; 2 * BUFSIZ];
    let n = eventually("a reply", || {
        client.send_to(message, server.addr).unwrap();
        client.recv(&mut reply).ok()
    });
    assert_eq!(unstamp(&reply[..n], since), message);
}

#[test]
fn datagrams_that_claim_to_come_from_a_service_are_not_answered() {
    // A raw socket writes the UDP header itself, so that it can lie.
    let raw = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP));
    let Ok(raw) = raw else {
        return skip("only root may forge a datagram");
    };
    let mut server = Server::start(BINARY);
    let own = server.addr.port();
    // An honest port that forges just like this, to see that forging works.
    let honest = socket();
    let honest_port = honest.local_addr().unwrap().port();
    for (forged, from) in [0, 7, 53, own, 1023, honest_port].into_iter().enumerate() {
        let mut datagram = Vec::new();
        let message = b"answer me";
        for field in [from, own, 8 + message.len() as u16, 0] {
            datagram.extend(field.to_be_bytes());
        }
        datagram.extend(message);
        raw.send_to(&datagram, &server.addr.into()).unwrap();
        if from == honest_port {
            assert_eq!(receive(&honest).0.len(), STAMP + 9);
            continue;
        }
        let errors = server.program.errors(forged + 2);
        let line = format!("udp-server: recvfrom 127.0.0.1:{from}: not a client");
        assert_eq!(errors[forged + 1], line);
    }
    server
        .program
        .shows(&format!("{WAITING}{}", answered(&honest)));
    assert_eq!(server.program.end().stderr.lines().count(), 6);
}

#[test]
fn a_hundred_thousand_datagrams_as_fast_as_they_go() {
    let server = Server::start(BINARY);
    let client = socket();
    for _ in 0..100 {
        exchange(&server, &client, &[b'x'; BUFSIZ]);
    }
    let descriptors = server.program.descriptors();
    servers::memory_is_flat(&server.program, || {
        for _ in 0..100_000 {
            client.send_to(&[b'x'; 512], server.addr).unwrap();
        }
        reaches(&server, b"still there?");
    });
    assert_eq!(server.program.descriptors(), descriptors);
}

#[test]
fn memory_is_flat_over_a_million_requests() {
    let run = &mut command(BINARY, &["127.0.0.1", "0"]);
    let mut program = Running::start_with_stdout(run, Stdio::null());
    let message = program.errors(1).swap_remove(0);
    let addr: SocketAddr = message.rsplit(' ').next().unwrap().parse().unwrap();
    let server = Server { program, addr };
    let client = socket();
    let mut reply = [0; BUFSIZ];
    servers::memory_is_flat_over_a_million_requests(&server.program, |n| {
        for _ in 0..n {
            client.send_to(&[b'x'; 64], addr).unwrap();
            let n = common::retry(|| client.recv(&mut reply)).unwrap();
            assert_eq!(n, STAMP + 64);
        }
    });
}

#[test]
fn a_request_costs_one_receive_one_send_and_one_write() {
    if !has("strace") || !has("setpriv") {
        return;
    }
    let log = std::env::temp_dir().join(format!("udp-server-{}.strace", std::process::id()));
    let path = log.to_str().unwrap();
    let calls = "trace=network,write,writev";
    let args = [
        "-qq",
        "-s",
        "200",
        "-e",
        calls,
        "-o",
        path,
        "setpriv",
        "--pdeathsig",
        "KILL",
        BINARY,
        "127.0.0.1",
        "0",
    ];
    let mut server = Server::announced(&mut command("strace", &args));
    let client = socket();
    for message in [b"one".as_slice(), b"two"] {
        exchange(&server, &client, message);
    }
    server
        .program
        .shows(&[WAITING, &answered(&client), &answered(&client)].concat());
    server.program.end();
    let calls = fs::read_to_string(&log).unwrap();
    fs::remove_file(&log).unwrap();

    let served = calls.lines().skip_while(|call| !call.contains("\"one\""));
    let names: Vec<&str> = served
        .filter_map(|call| call.split_once('('))
        .map(|(name, _)| name)
        .collect();
    // The last one waits for the next request.
    assert_eq!(
        names[..6],
        ["recvfrom", "sendto", "write", "recvfrom", "sendto", "write"],
        "{calls}"
    );
    assert!(names[6..].iter().all(|name| *name == "recvfrom"), "{calls}");
    let both = r")\nwaiting for message...\n";
    assert_eq!(
        calls.matches(both).count(),
        2,
        "both lines in one write: {calls}"
    );
}

#[test]
fn any_datagrams_come_back_cut_at_bufsiz() {
    use proptest::prelude::*;
    let server = Server::start(BINARY);
    let client = socket();
    let datagrams = prop::collection::vec(draw::bytes(0..=2000), 0..10);
    draw::check(200, datagrams, |datagrams| {
        for datagram in datagrams {
            let cut = &datagram[..datagram.len().min(BUFSIZ)];
            assert_eq!(exchange(&server, &client, &datagram), cut);
        }
    });
    assert_eq!(server.program.end().stderr.lines().count(), 1, "no error");
}

#[test]
fn interrupted_it_ends_at_once_and_its_port_is_free() {
    let server = Server::announced(interruptible(BINARY).args(["127.0.0.1", "0"]));
    exchange(&server, &socket(), b"hello");
    server.program.signal("INT");
    assert_eq!(server.program.finish().status, 130);
    let again = UdpSocket::bind((Ipv4Addr::LOCALHOST, server.addr.port()));
    again.expect("the port is free");
}

#[test]
fn no_arguments_surprise_it() {
    draw::arguments_never_surprise(BINARY);
}
