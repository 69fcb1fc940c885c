//! TCP timestamp server: sends every message back with the time in front.
//! Its Python half is `tcp_server.py`; run it by `cargo run -p tcp-server`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_server.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::io::Read; // a socket is read like a file: `read` is Python's recv
use common::{Addr, At, BACKLOG, Result, announce, next_client, print, warn};
use common::ctime;                                                              // 4

const HOST: &str = ""; // every interface                                       // 5
use common::PORT; // = 21567                                                    // 6
use common::BUFSIZ; // = 1024                                                   // 7

fn tcp_server() -> Result {                                                     // +
    let addr = Addr::from_args(HOST, PORT)?;                                    // 8
    let tcp_ser_sock = Socket::new(Domain::IPV4, Type::STREAM, None)            // 9
        .at("socket", &addr)?;
    tcp_ser_sock.set_reuse_address(cfg!(unix)).at("setsockopt", &addr)?;        // +
    // Started again, it gets its port at once. On Windows the option means something else.
    tcp_ser_sock.bind(&addr.resolve()?.into()).at("bind", &addr)?;              // 10
    tcp_ser_sock.listen(BACKLOG).at("listen", &addr)?; // BACKLOG = 5           // 11
    let addr = announce(&tcp_ser_sock, addr)?; // says which port, if it was 0  // +
    loop {                                                                      // 12
        print("waiting for connecting...")?;                                    // 13
        let (mut tcp_cli_sock, addr) = next_client(|| tcp_ser_sock.accept())    // 14
            .at("accept", &addr)?; // skips a client that is gone already
        print(format!("...connected from: {addr}"))?;                           // 15
        let mut conversation = || -> Result { // `?` ends it, not the server    // +
            loop {                                                              // 16
                let mut buf = [0; BUFSIZ];                                      // 17
                let n = tcp_cli_sock.read(&mut buf).at("recv", &addr)?;
                let data = &buf[..n];
                if data.is_empty() {                                            // 18
                    break;                                                      // 19
                }
                let reply = [b"[", ctime().as_bytes(), b"] ", data].concat();   // 20
                tcp_cli_sock.send(&reply).at("send", &addr)?;
            }
            Ok(())                                                              // +
        };
        if let Err(error) = conversation() {
            warn(error.message); // and the next client is served
        }
        drop(tcp_cli_sock); // a socket is closed where it is dropped           // 21
    }
} // tcp_ser_sock would be dropped here; never reached, as in Python            // 22

fn main() {                                                                     // +
    common::run(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"), tcp_server)
}
