//! The UDP server beside its Python half.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use support::{Server, draw, half, lines, python, screens, screens_of};

#[test]
fn a_python_client_sees_no_difference_and_neither_does_the_screen() {
    let client = |server: &Server| python(&half("udp-client"), server.addr.port());
    let theirs = Server::python(&half("udp-server"));
    let ours = Server::start(env!("CARGO_BIN_EXE_udp-server"));
    let (with_theirs, with_ours) = (&mut client(&theirs), &mut client(&ours));
    assert_eq!(screens(ours, with_ours), screens(theirs, with_theirs));
}

#[test]
fn a_thousand_random_lines_make_no_difference() {
    draw::check(5, draw::input(200), |input| {
        let client = |server: &Server| python(&half("udp-client"), server.addr.port());
        let theirs = Server::python(&half("udp-server"));
        let ours = Server::start(env!("CARGO_BIN_EXE_udp-server"));
        let (with_theirs, with_ours) = (&mut client(&theirs), &mut client(&ours));
        let ours = screens_of(&input, ours, with_ours);
        assert_eq!(ours, screens_of(&input, theirs, with_theirs));
    });
}

#[test]
fn every_line_of_the_python_half_is_ported_in_order() {
    lines::every_line_is_ported_in_order("udp-server", 16);
}
