//! TCP timestamp server: sends every message back with the time in front.
//! Its Python half is `tcp_server.py`; run it by `cargo run -p tcp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::io::Read; // a socket is read like a file: `read` is Python's recv
use common::{Addr, At, BACKLOG, Result, announce, lost, next_client, print};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
const PORT: u16 = common::PORT;                                                 // 6
const BUFSIZ: usize = common::BUFSIZ;                                           // 7

fn tcp_server() -> Result {                                                     // +
    let server_addr = Addr::from_args(HOST, PORT)?;                             // 8
    let tcp_ser_sock = Socket::new(Domain::IPV4, Type::STREAM, None)            // 9
        .at("socket", &server_addr)?;
    if cfg!(unix) {                                                             // +
        // Started again, it gets its port though the kernel still keeps a conversation
        // of the last server, if that one had this option too: Python's has not.
        tcp_ser_sock.set_reuse_address(true).at("setsockopt", &server_addr)?;
    }
    tcp_ser_sock.bind(&server_addr.resolve()?).at("bind", &server_addr)?;       // 10
    tcp_ser_sock.listen(BACKLOG).at("listen", &server_addr)?; // BACKLOG = 5    // 11
    let server_addr = announce(&tcp_ser_sock, server_addr)?; // the port, if 0  // +
    loop {                                                                      // 12
        print("waiting for connecting...")?;                                    // 13
        let (mut tcp_cli_sock, addr) = next_client(|| tcp_ser_sock.accept())    // 14
            .at("accept", &server_addr)?; // skips a client that is gone already
        print(format!("...connected from: {addr}"))?;                           // 15
        loop {                                                                  // 16
            let mut buf = [0; BUFSIZ];                                          // 17
            let n = tcp_cli_sock.read(&mut buf).at("recv", &addr).unwrap_or_else(lost);
            let data = &buf[..n]; // a client that is lost has no more to say
            if data.is_empty() {                                                // 18
                break;                                                          // 19
            }
            let reply = [b"[", ctime().as_bytes(), b"] ", data].concat();       // 20
            let sent = tcp_cli_sock.send(&reply).at("send", &addr).unwrap_or_else(lost);
            if sent == 0 {                                                      // +
                break; // lost: nobody is there to hear the rest
            }
        }
        drop(tcp_cli_sock); // a socket is closed where it is dropped           // 21
    } // for ever: a drop(tcp_ser_sock) here would never be reached             // 22
}

fn main() {                                                                     // +
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), tcp_server)
}
