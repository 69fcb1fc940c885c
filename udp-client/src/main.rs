//! UDP timestamp client: sends each line and prints the reply.
//! Its Python half is `udp_client.py`; run it by `cargo run -p udp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::net::UdpSocket; // Rust's own socket type: its recv_from fills a plain buffer
use common::{Addr, At, REPLY_TIMEOUT, Result, input, next_reply, print, warn_if_long};

const HOST: &str = "localhost";                                                 // 4
const PORT: u16 = common::PORT;                                                 // 5
const BUFSIZ: usize = common::BUFSIZ;                                           // 6

fn udp_client() -> Result {                                                     // +
    let mut server_addr = Addr::from_args(HOST, PORT)?;                         // 7
    let udp_cli_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)             // 8
        .at("socket", &server_addr)?;
    let udp_cli_sock = UdpSocket::from(udp_cli_sock);                           // +
    udp_cli_sock.set_read_timeout(Some(REPLY_TIMEOUT)) // Python waits for ever
        .at("setsockopt", &server_addr)?;
    loop {                                                                      // 9
        let data = input("> ")?;                                                // 10
        if data.is_empty() {                                                    // 11
            break;                                                              // 12
        }
        warn_if_long(&data);                                                    // +
        udp_cli_sock.send_to(&data, &server_addr).at("sendto", &server_addr)?;  // 13
        let mut buf = [0; BUFSIZ];                                              // 14
        let (n, addr) = next_reply(&server_addr, || udp_cli_sock.recv_from(&mut buf))?;
        server_addr = addr; // whoever answered
        let data = &buf[..n];
        if data.is_empty() {                                                    // 15
            break;                                                              // 16
        }
        print(String::from_utf8_lossy(data))?;                                  // 17
    }
    drop(udp_cli_sock);                                                         // 18
    Ok(())                                                                      // +
}

fn main() {
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), udp_client)
}
