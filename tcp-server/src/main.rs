//! TCP timestamp server: sends every message back with the time in front.
//! Its Python version is `tcp_server.py`; run this one with `cargo run -p tcp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use common::{At, Result, accept, addr_from_args_or, announce, print, recv, tuple, warn_of};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
use common::PORT; // 21567                                                      // 6
use common::BUFSIZ; // 1024                                                     // 7

fn tcp_server() -> Result<()> {                                                 // +
    let server_addr = addr_from_args_or(HOST, PORT)?;                           // 8
    let tcp_ser_sock = Socket::new(Domain::IPV4, Type::STREAM, None)?;          // 9
    tcp_ser_sock.set_reuse_address(cfg!(unix))?; // so that it can start again  // +
    tcp_ser_sock.bind(&server_addr.into()).at("bind", server_addr)?;            // 10
    tcp_ser_sock.listen(common::BACKLOG)?; // 5                                 // 11
    announce(&tcp_ser_sock, server_addr); // the port, if it was 0              // +
    loop {                                                                      // 12
        print("waiting for connecting...")?;                                    // 13
        let (tcp_cli_sock, addr) = accept(&tcp_ser_sock)?;                      // 14
        print(format!("...connected from: {}", tuple(addr)))?;                  // 15
        loop {                                                                  // 16
            let data = recv(&tcp_cli_sock, BUFSIZ)                              // 17
                .inspect_err(warn_of("recv", addr)).unwrap_or_default(); // an error: b""
            if data.is_empty() {                                                // 18
                break;                                                          // 19
            }
            let reply = [b"[", ctime().as_bytes(), b"] ", &data].concat();      // 20
            let sent = tcp_cli_sock.send(&reply).inspect_err(warn_of("send", addr));
            if sent.is_err() {                                                  // +
                break; // only this conversation ends
            }
        }
        drop(tcp_cli_sock); // a socket is closed when it is dropped            // 21
    } // the loop never ends: drop(tcp_ser_sock) would not be reached           // 22
}

fn main() {                                                                     // +
    common::run(tcp_server)
}
