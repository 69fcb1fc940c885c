//! TCP timestamp client: sends each line and prints the server's reply.
//! Its Python version is `tcp_client.py`; run this one with `cargo run -p tcp-client`.
#![cfg_attr(rustfmt, rustfmt_skip)] // rustfmt would move the line numbers of tcp_client.py

use socket2::{Domain, Socket, Type};                                            // 3
use common::{At, Result, addr_from_args_or, connect_ex, input, ok_if_0, print, recv, warn_if_long};

const HOST: &str = "127.0.0.1";                                                 // 4
use common::PORT; // 21567                                                      // 5
use common::BUFSIZ; // 1024                                                     // 6

fn tcp_client() -> Result<()> { // returns no value, or an error                // +
    let server_addr = addr_from_args_or(HOST, PORT)?;                           // 7
    let tcp_cli_sock = Socket::new(Domain::IPV4, Type::STREAM, None)?; // proto // 8
    let code = connect_ex(&tcp_cli_sock, server_addr); // 0 or an error number  // 9
    ok_if_0(code).at("connect", server_addr)?;
    loop {                                                                      // 10
        let mut data = input("> ")?; // mut: it is assigned again               // 11
        if data.is_empty() {                                                    // 12
            break;                                                              // 13
        }
        warn_if_long(&data, BUFSIZ);                                            // +
        tcp_cli_sock.send(&data).at("send", server_addr)?;                      // 14
        data = recv(&tcp_cli_sock, BUFSIZ).at("recv", server_addr)?;            // 15
        if data.is_empty() {                                                    // 16
            break;                                                              // 17
        }
        print(String::from_utf8_lossy(&data))?; // bad bytes become U+FFFD      // 18
    }
    drop(tcp_cli_sock); // closes the socket                                    // 19
    Ok(()) // no error; () is no value                                          // +
}

fn main() {
    common::run(tcp_client) // prints an error, and exits with its number
}
