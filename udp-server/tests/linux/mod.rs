//! The UDP server under faults that only Linux can show.

use super::support::PROGRAM;
use super::support::linux::server_with;
use super::support::screens::UDP_WAITING as WAITING;
use super::support::udp::{answered, exchange, socket};

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
