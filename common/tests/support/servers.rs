//! What both servers do alike.

use super::support::{PROGRAM, Running, Server, number, program_at, run};

#[test]
fn it_names_its_port_only_if_the_kernel_picked_it() {
    let Server { program, addr } = Server::start();
    assert_eq!(program.kill().stderr, format!("{PROGRAM}: bound to {addr}\n"));
    // If another test has this port now, that is not what is tested here.
    let next = Running::start(&mut program_at(addr.port()));
    next.wait_until("its first line", |next| !(next.screen() + &next.stderr()).is_empty());
    let stderr = next.kill().stderr;
    assert!(stderr.is_empty() || stderr.ends_with(&format!("(os error {})\n", number::IN_USE)));
}

#[test]
fn an_address_in_use_ends_it() {
    let first = Server::start();
    let ended = run(&mut program_at(first.addr.port()), "");
    ended.failed_with(number::IN_USE, &format!("bind {}", first.addr));
    assert_eq!(ended.screen, "");
}

/// A port that is in use on one interface is not free on every interface.
#[test]
#[cfg(target_os = "linux")]
fn an_empty_host_is_every_interface() {
    let first = Server::start();
    let port = first.addr.port();
    let mut every = super::support::program(&["", &port.to_string()]);
    run(&mut every, "").failed_with(number::IN_USE, &format!("bind 0.0.0.0:{port}"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_error_does_not_end_it() {
    let full = ["-c", "exec \"$0\" 127.0.0.1 0 2>/dev/full", super::support::PROGRAM_PATH];
    let server = Running::start(&mut super::support::command("sh", &full));
    server.wait_until("its first line", |server| server.screen().ends_with('\n'));
}
