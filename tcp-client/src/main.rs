//! TCP timestamp client: sends each line and prints the server's reply.
//! Its Python half is `tcp_client.py`; run it by `cargo run -p tcp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use std::io::{Error, Read};
use common::{Addr, At, Result, connect_ex, input, print, warn_if_long};

const HOST: &str = "127.0.0.1";                                                 // 4
use common::PORT; // = 21567                                                    // 5
use common::BUFSIZ; // = 1024                                                   // 6

fn tcp_client() -> Result {                                                     // +
    let addr = Addr::from_args(HOST, PORT)?;                                    // 7
    let mut tcp_cli_sock = Socket::new(Domain::IPV4, Type::STREAM, None)        // 8
        .at("socket", &addr)?;
    let code = connect_ex(&tcp_cli_sock, addr.resolve()?);                      // 9
    if code != 0 { // the system's number, which Python's exception carries too
        return Err(Error::from_raw_os_error(code)).at("connect", &addr);
    }
    loop {                                                                      // 10
        let data = input("> ")?;                                                // 11
        if data.is_empty() {                                                    // 12
            break;                                                              // 13
        }
        warn_if_long(&data);                                                    // +
        tcp_cli_sock.send(&data).at("send", &addr)?;                            // 14
        let mut buf = [0; BUFSIZ];                                              // 15
        let n = tcp_cli_sock.read(&mut buf).at("recv", &addr)?;
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
