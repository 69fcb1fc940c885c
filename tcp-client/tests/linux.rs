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

/// While the user thinks; where the server had closed its end before, it is a broken pipe.
#[test]
fn a_line_after_a_reset_is_104_and_after_the_end_and_a_reset_32() {
    for (half_closes, number) in [(false, 104), (true, 32)] {
        let peer = Peer::new();
        let mut client = Running::start(&mut peer.client());
        client.shows("> ");
        let stream = peer.accept();
        let port = stream.peer_addr().unwrap().port();
        if half_closes {
            stream.shutdown(Shutdown::Write).unwrap();
        }
        reset(stream);
        client.sees_reset(port, peer.addr().port());
        client.type_in("hello\n");
        let call = format!("tcp-client: send {}", peer.addr());
        client.finish().failed_with(number, &call);
    }
}
