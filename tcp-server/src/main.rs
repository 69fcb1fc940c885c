//! TCP timestamp server: sends every message back with the time in front.
//! Its Python version is `tcp_server.py`; run this one with `cargo run -p tcp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use common::{At, Result, accept, addr_from_args_or, announce, print, recv, repr};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
use common::PORT; // 21567                                                      // 6
use common::BUFSIZ; // 1024                                                     // 7

fn tcp_server() -> Result<()> { // returns only if there is an error            // +
    let server_addr = addr_from_args_or(HOST, PORT)?;                           // 8
    let tcp_ser_sock = Socket::new(Domain::IPV4, Type::STREAM, None)?; // proto // 9
    tcp_ser_sock.set_reuse_address(cfg!(unix))?; // so that it can start again  // +
    tcp_ser_sock.bind(&server_addr.into()).at("bind", server_addr)?;            // 10
    tcp_ser_sock.listen(common::BACKLOG)?; // 5                                 // 11
    let server_addr = announce(&tcp_ser_sock, server_addr)?; // for port 0      // +
    loop {                                                                      // 12
        print("waiting for connecting...")?;                                    // 13
        let (tcp_cli_sock, addr) = accept(&tcp_ser_sock)                        // 14
            .at("accept", server_addr)?;
        print(format!("...connected from: {}", repr(addr)))?;                   // 15
        loop {                                                                  // 16
            let data = recv(&tcp_cli_sock, BUFSIZ).at("recv", addr).or_warn();  // 17
            let Some(data) = data else { break }; // this conversation ends     // +
            if data.is_empty() {                                                // 18
                break;                                                          // 19
            }
            let reply = [b"[", ctime().as_bytes(), b"] ", &data].concat();      // 20
            let sent = tcp_cli_sock.send(&reply).at("send", addr).or_warn();
            let Some(_) = sent else { break };                                  // +
        }
        drop(tcp_cli_sock); // a socket is closed when it is dropped            // 21
    } // the loop never ends: drop(tcp_ser_sock) would not be reached           // 22
}

fn main() {                                                                     // +
    common::run(tcp_server) // prints an error, and exits with its number
}
