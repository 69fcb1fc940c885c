//! UDP timestamp client: sends each line and prints the reply.
//! Its Python half is `udp_client.py`; run it by `cargo run -p udp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of udp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::io::{Error, ErrorKind};
use std::net::UdpSocket;
use common::{Addr, At, Exit, REPLY_TIMEOUT, Result, cut, input, print, retry, warn_if_long};

const HOST: &str = "localhost";                                                 // 4
use common::PORT; // = 21567                                                    // 5
use common::BUFSIZ; // = 1024                                                   // 6

fn udp_client() -> Result {                                                     // +
    let mut addr = Addr::from_args(HOST, PORT)?;                                // 7
    let udp_cli_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)             // 8
        .at("socket", &addr)?;
    let udp_cli_sock = UdpSocket::from(udp_cli_sock);
    udp_cli_sock.set_read_timeout(Some(REPLY_TIMEOUT))                          // +
        .at("setsockopt", &addr)?; // 5 seconds; Python waits for ever
    loop {                                                                      // 9
        let data = input("> ")?;                                                // 10
        if data.is_empty() {                                                    // 11
            break;                                                              // 12
        }
        warn_if_long(&data);                                                    // +
        udp_cli_sock.send_to(&data, addr.resolve()?).at("sendto", &addr)?;      // 13
        let mut buf = [0; BUFSIZ];                                              // 14
        // `cut`: on Windows a datagram longer than the buffer is an error.
        let received = cut(retry(|| udp_cli_sock.recv_from(&mut buf)), &addr);
        let (n, from) = received.map_err(no_reply).at("recvfrom", &addr)?;
        addr = from; // whoever answered
        let data = &buf[..n];
        if data.is_empty() {                                                    // 15
            break;                                                              // 16
        }
        print(String::from_utf8_lossy(data))?;                                  // 17
    }
    drop(udp_cli_sock);                                                         // 18
    Ok(())                                                                      // +
}

/// Says in plain words that the time for a reply is over: an error which Unix
/// calls `WouldBlock` and Windows `TimedOut`.
fn no_reply(error: Error) -> Exit {
    let late = matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    let mut exit = Exit::from(error);
    if late {
        let seconds = REPLY_TIMEOUT.as_secs();
        exit.message = format!("no reply within {seconds} seconds (os error {})", exit.status);
    }
    exit
}

fn main() {
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), udp_client)
}
