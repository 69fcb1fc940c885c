//! TCP timestamp client: sends each line and prints the server's reply.
//! Its Python half is `tcp_client.py`; run it by `cargo run -p tcp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::io::Read; // a socket is read like a file: `read` is Python's recv
use common::{Addr, At, Result, check, connect_ex, input, print, warn_if_long};

const HOST: &str = "127.0.0.1";                                                 // 4
const PORT: u16 = common::PORT;                                                 // 5
const BUFSIZ: usize = common::BUFSIZ;                                           // 6

fn tcp_client() -> Result {                                                     // +
    let server_addr = Addr::from_args(HOST, PORT)?;                             // 7
    let mut tcp_cli_sock = Socket::new(Domain::IPV4, Type::STREAM, None)        // 8
        .at("socket", &server_addr)?;
    check(connect_ex(&tcp_cli_sock, &server_addr.resolve()?))                   // 9
        .at("connect", &server_addr)?;
    loop {                                                                      // 10
        let data = input("> ")?;                                                // 11
        if data.is_empty() {                                                    // 12
            break;                                                              // 13
        }
        warn_if_long(&data);                                                    // +
        tcp_cli_sock.send(&data).at("send", &server_addr)?;                     // 14
        let mut buf = [0; BUFSIZ];                                              // 15
        let n = tcp_cli_sock.read(&mut buf).at("recv", &server_addr)?;
        let data = &buf[..n];
        if data.is_empty() {                                                    // 16
            break;                                                              // 17
        }
        print(String::from_utf8_lossy(data))?;                                  // 18
    }
    drop(tcp_cli_sock);                                                         // 19
    Ok(())                                                                      // +
}

fn main() {
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), tcp_client)
}
