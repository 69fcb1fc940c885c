//! UDP timestamp server: sends every datagram back with the time in front.
//! Its Python half is `udp_server.py`; run it by `cargo run -p udp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::net::UdpSocket; // Rust's own socket type: its recv_from fills a plain buffer
use common::{Addr, At, Result, announce, lost, may_loop, next_client, print, warn};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
const PORT: u16 = common::PORT;                                                 // 6
const BUFSIZ: usize = common::BUFSIZ;                                           // 7

fn udp_server() -> Result {                                                     // +
    let server_addr = Addr::from_args(HOST, PORT)?;                             // 8
    let udp_ser_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)             // 9
        .at("socket", &server_addr)?;
    udp_ser_sock.bind(&server_addr.resolve()?).at("bind", &server_addr)?;       // 10
    let server_addr = announce(&udp_ser_sock, server_addr)?; // the port, if 0  // +
    let udp_ser_sock = UdpSocket::from(udp_ser_sock);
    loop {                                                                      // 11
        print("waiting for message...")?;                                       // 12
        let mut buf = [0; BUFSIZ];                                              // 13
        let (n, addr) = next_client(|| udp_ser_sock.recv_from(&mut buf))
            .at("recvfrom", &server_addr)?; // passes over an error of one client
        let data = &buf[..n];
        if may_loop(data, &addr) {                                              // +
            warn(format!("recvfrom {}: no reply, it might start a loop", addr.endpoint()));
            continue;
        }
        let reply = [b"[", ctime().as_bytes(), b"] ", data].concat();           // 14
        let sent = udp_ser_sock.send_to(&reply, &addr)
            .at("sendto", &addr).unwrap_or_else(lost);
        if sent == 0 {                                                          // +
            continue; // lost: the next client is served
        }
        print(format!("...received from and returned to: {addr}"))?;            // 15
    } // for ever: a drop(udp_ser_sock) here would never be reached             // 16
}

fn main() {                                                                     // +
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), udp_server)
}
