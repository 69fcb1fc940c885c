//! The TCP client beside its Python half.

#[path = "../../common/tests/support/mod.rs"]
mod support;

use support::{Server, command, draw, half, lines, python, screens, screens_of};

#[test]
fn a_python_server_sees_no_difference_and_neither_does_the_screen() {
    let first = Server::python(&half("tcp-server"));
    let second = Server::python(&half("tcp-server"));
    let theirs = &mut python(&half("tcp-client"), first.addr.port());
    let ours = &mut command(
        env!("CARGO_BIN_EXE_tcp-client"),
        &["127.0.0.1", &second.port()],
    );
    assert_eq!(screens(second, ours), screens(first, theirs));
}

#[test]
fn a_thousand_random_lines_make_no_difference() {
    draw::check(5, draw::input(200), |input| {
        let first = Server::python(&half("tcp-server"));
        let second = Server::python(&half("tcp-server"));
        let theirs = &mut python(&half("tcp-client"), first.addr.port());
        let ours = &mut command(
            env!("CARGO_BIN_EXE_tcp-client"),
            &["127.0.0.1", &second.port()],
        );
        let ours = screens_of(&input, second, ours);
        assert_eq!(ours, screens_of(&input, first, theirs));
    });
}

#[test]
fn every_line_of_the_python_half_is_ported_in_order() {
    lines::every_line_is_ported_in_order("tcp-client", 19);
}
