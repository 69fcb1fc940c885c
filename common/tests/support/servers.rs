//! What both servers do alike.

use super::{
    Ended, Running, alone_on_a_network, closed_stdout, command, free_addr, full_stdout, run,
    without_low_ports,
};
use std::fs;
use std::net::{TcpListener, UdpSocket};

/// How much memory may come late: a page that happens to be touched for the
/// first time, less than any leak; in KiB.
const FLAT: u64 = 256;

/// A server that fails before it serves anybody: status, message, screen.
fn fails(ended: &Ended, name: &str, status: i32, message: &str) {
    let line = format!("{name}: {message} (os error {status})\n");
    assert_eq!((ended.status, ended.stderr.as_str()), (status, &*line));
    assert_eq!(ended.screen(), "");
}

pub fn an_address_in_use_is_98(binary: &str, name: &str) {
    let addr = free_addr();
    let _taken = (TcpListener::bind(addr), UdpSocket::bind(addr));
    let port = addr.port().to_string();
    let ended = run(&mut command(binary, &["127.0.0.1", &port]), "");
    let call = format!("bind 127.0.0.1:{port}: Address already in use");
    fails(&ended, name, 98, &call);
}

pub fn an_address_of_another_machine_is_99(binary: &str, name: &str) {
    let ended = run(&mut command(binary, &["192.0.2.1", "0"]), "");
    let call = "bind 192.0.2.1:0: Cannot assign requested address";
    fails(&ended, name, 99, call);
}

pub fn a_port_below_1024_is_13_without_the_right_to_it(binary: &str, name: &str) {
    let Some(mut command) = without_low_ports(binary) else {
        return;
    };
    let ended = run(command.args(["127.0.0.1", "1"]), "");
    fails(&ended, name, 13, "bind 127.0.0.1:1: Permission denied");
}

pub fn a_closed_standard_output_ends_it_quietly_with_32(binary: &str, name: &str) {
    let server = &mut command(binary, &["127.0.0.1", "0"]);
    let ended = Running::start_with_stdout(server, closed_stdout()).finish();
    assert_eq!(ended.status, 32);
    let announced = format!("{name}: listening on ");
    assert!(ended.stderr.starts_with(&announced), "{}", ended.stderr);
    assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
}

pub fn a_full_standard_output_is_28(binary: &str, name: &str) {
    let server = &mut command(binary, &["127.0.0.1", "0"]);
    let ended = Running::start_with_stdout(server, full_stdout()).finish();
    let last = ended.stderr.lines().last().unwrap();
    let full = "write to standard output: No space left on device (os error 28)";
    assert_eq!((ended.status, last), (28, &*format!("{name}: {full}")));
}

/// Without arguments, it is bound to port 21567 of every interface; `protocol`
/// is the kernel's table of sockets, `tcp` or `udp`.
pub fn the_constants_are_the_originals(binary: &str, protocol: &str) {
    let Some(mut command) = alone_on_a_network(binary) else {
        return;
    };
    let mut program = Running::start(&mut command);
    program.wait_until("its first line", |program| program.screen().ends_with('\n'));
    let table = fs::read_to_string(format!("/proc/{}/net/{protocol}", program.pid()));
    // 0.0.0.0:21567, in hexadecimal.
    assert!(table.unwrap().contains(" 00000000:543F "));
}

/// A million requests leave the server's memory as it was after a thousand.
pub fn memory_is_flat_over_a_million_requests(server: &Running, mut requests: impl FnMut(usize)) {
    requests(1000);
    memory_is_flat(server, || requests(999_000));
}

/// Something leaves the memory of a server as it was.
pub fn memory_is_flat(server: &Running, what: impl FnOnce()) {
    let before = server.peak_memory();
    what();
    let after = server.peak_memory();
    assert!(after <= before + FLAT, "{before} KiB, then {after} KiB");
}
