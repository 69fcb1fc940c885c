//! UDP timestamp server: sends every datagram back with the time in front.
//! Its Python version is `udp_server.py`; run this one with `cargo run -p udp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::net::UdpSocket; // the standard library's socket, for recv_from
use common::{At, Result, addr_from_args_or, announce, print, recv_from, repr, warn};
use common::ctime;                                                              // 4
mod may_loop; // which datagrams it does not answer                             // +
use may_loop::may_loop;

const HOST: &str = ""; // every interface                                       // 5
use common::PORT; // 21567                                                      // 6
use common::BUFSIZ; // 1024                                                     // 7

fn udp_server() -> Result<()> { // returns only if there is an error            // +
    let server_addr = addr_from_args_or(HOST, PORT)?;                           // 8
    let udp_ser_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)?; // proto  // 9
    udp_ser_sock.bind(&server_addr.into()).at("bind", server_addr)?;            // 10
    let server_addr = announce(&udp_ser_sock, server_addr)?; // for port 0      // +
    let udp_ser_sock = UdpSocket::from(udp_ser_sock); // the same socket, another type
    loop {                                                                      // 11
        print("waiting for message...")?;                                       // 12
        let (data, addr) = recv_from(&udp_ser_sock, BUFSIZ)                     // 13
            .at("recvfrom", server_addr)?;
        if may_loop(&data, addr) {                                              // +
            let why = "because a reply could start an endless loop";
            warn(format!("recvfrom {addr}: not answered, {why}"));
            continue;
        }
        let reply = [b"[", ctime().as_bytes(), b"] ", &data].concat();          // 14
        let sent = udp_ser_sock.send_to(&reply, addr).at("sendto", addr).or_warn();
        let Some(_) = sent else { continue }; // only this client gets no reply // +
        print(format!("...received from and returned to: {}", repr(addr)))?;    // 15
    } // the loop never ends: drop(udp_ser_sock) would not be reached           // 16
}

fn main() {                                                                     // +
    common::run(udp_server) // prints an error, and exits with its number
}
