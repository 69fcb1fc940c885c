//! UDP timestamp client: sends each line and prints the reply.
//! Its Python version is `udp_client.py`; run this one with `cargo run -p udp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::net::UdpSocket; // the standard library's socket, for recv_from
use common::{At, REPLY_TIMEOUT, Result, addr_from_args_or, input, print, recv_from, warn_if_long};

const HOST: &str = "localhost";                                                 // 4
use common::PORT; // 21567                                                      // 5
use common::BUFSIZ; // 1024                                                     // 6

fn udp_client() -> Result<()> { // returns no value, or an error                // +
    let mut server_addr = addr_from_args_or(HOST, PORT)?;                       // 7
    let udp_cli_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)?; // proto  // 8
    udp_cli_sock.set_read_timeout(Some(REPLY_TIMEOUT))?; // Python: forever     // +
    let udp_cli_sock = UdpSocket::from(udp_cli_sock); // the same socket, another type
    loop {                                                                      // 9
        let mut data = input("> ")?; // mut: it is assigned again               // 10
        if data.is_empty() {                                                    // 11
            break;                                                              // 12
        }
        warn_if_long(&data, BUFSIZ);                                            // +
        udp_cli_sock.send_to(&data, server_addr).at("sendto", server_addr)?;    // 13
        (data, server_addr) = recv_from(&udp_cli_sock, BUFSIZ)                  // 14
            .explain_timeout(REPLY_TIMEOUT).at("recvfrom", server_addr)?; // from whoever replied
        if data.is_empty() {                                                    // 15
            break;                                                              // 16
        }
        print(String::from_utf8_lossy(&data))?; // bad bytes become U+FFFD      // 17
    }
    drop(udp_cli_sock); // closes the socket                                    // 18
    Ok(()) // no error; () is no value                                          // +
}

fn main() {
    common::run(udp_client) // prints an error, and exits with its number
}
