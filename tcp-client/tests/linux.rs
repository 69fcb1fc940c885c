//! The TCP client, as far as it takes Linux to show it.
#![cfg(target_os = "linux")]

#[path = "../../common/tests/support/mod.rs"]
mod support;

use std::net::Shutdown;
use support::tcp::{Peer, reset};
use support::{Running, our, run};

#[test]
fn a_network_out_of_reach_is_101() {
    // The broadcast address of the loopback network: TCP cannot go there.
    let ended = run(&mut our("tcp-client", &["127.255.255.255", "9"]), "");
    ended.failed_with(101, "tcp-client: connect 127.255.255.255:9");
    assert!(ended.stderr.contains(": Network is unreachable (os"));
}

#[test]
fn a_broken_pipe_is_32_and_says_so() {
    let peer = Peer::new();
    let mut client = Running::start(&mut peer.client());
    client.shows("> ");
    // Closed and then reset while the user thinks: the next line has no reader.
    let stream = peer.accept();
    let port = stream.peer_addr().unwrap().port();
    stream.shutdown(Shutdown::Write).unwrap();
    reset(stream);
    client.sees_reset(port, peer.addr().port());
    client.type_in("hello\n");
    let call = format!("tcp-client: send {}", peer.addr());
    client.finish().failed_with(32, &call);
}
