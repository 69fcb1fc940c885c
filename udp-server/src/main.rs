//! UDP timestamp server: sends every datagram back with the time in front.
//! Its Python half is `udp_server.py`; run it by `cargo run -p udp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::net::UdpSocket; // Rust's own socket type: its recv_from fills a plain buffer
use common::{Addr, At, Result, announce, is_from_a_client, next_client, print, warn};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
use common::PORT; // = 21567                                                    // 6
use common::BUFSIZ; // = 1024                                                   // 7

fn udp_server() -> Result {                                                     // +
    let addr = Addr::from_args(HOST, PORT)?;                                    // 8
    let udp_ser_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)             // 9
        .at("socket", &addr)?;
    udp_ser_sock.bind(&addr.resolve()?.into()).at("bind", &addr)?;              // 10
    let addr = announce(&udp_ser_sock, addr)?; // says which port, if it was 0  // +
    let udp_ser_sock = UdpSocket::from(udp_ser_sock);
    loop {                                                                      // 11
        print("waiting for message...")?;                                       // 12
        let mut buf = [0; BUFSIZ];                                              // 13
        let (n, addr) = next_client(|| udp_ser_sock.recv_from(&mut buf))
            .at("recvfrom", &addr)?; // an error of one client does not end the server
        let data = &buf[..n];
        if !is_from_a_client(data, &addr) {                                     // +
            warn(format!("recvfrom {}: not a client", addr.endpoint()));
            continue; // no reply: two servers could answer each other for ever
        }
        let reply = [b"[", ctime().as_bytes(), b"] ", data].concat();           // 14
        let sent = udp_ser_sock.send_to(&reply, addr.resolve()?).at("sendto", &addr);
        if let Err(error) = sent {                                              // +
            warn(error.message); // and the next client is served
            continue;
        }
        print(format!("...received from and returned to: {addr}"))?;            // 15
    }
} // udp_ser_sock would be dropped here; never reached, as in Python            // 16

fn main() {                                                                     // +
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), udp_server)
}
