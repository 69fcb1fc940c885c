//! TCP timestamp client: sends each line and prints the server's reply.
//! Its Python half is `tcp_client.py`; run it by `cargo run -p tcp-client`.

fn main() {
    common::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_DESCRIPTION"),
        tcp_client,
    )
}

#[rustfmt::skip] // keeps the line numbers of tcp_client.py in their column
fn tcp_client(console: &mut common::Console) -> common::Result {
    use socket2::{Domain, Socket, Type};                                  // 3
    use std::io::{Error, Read};
    use common::{At, connect_ex};
    const HOST: &str = "127.0.0.1";                                       // 4
    use common::{BUFSIZ, PORT};                                           // 5-6
    let addr = console.addr(HOST, PORT)?;                                 // 7
    let mut tcp_cli_sock = Socket::new(Domain::IPV4, Type::STREAM, None)  // 8
        .at("socket", &addr)?;
    match connect_ex(&tcp_cli_sock, addr.resolve()?) {                    // 9
        0 => {} // or else the number that Python's exception carries
        code => return Err(Error::from_raw_os_error(code)).at("connect", &addr),
    }
    loop {                                                                // 10
        let data = console.input("> ")?;                                  // 11
        if data.is_empty() {                                              // 12
            break;                                                        // 13
        }
        console.warn_if_long(&data);                                      // +
        tcp_cli_sock.send(&data).at("send", &addr)?;                      // 14
        let mut buf = [0; BUFSIZ]; // recv fills it, data borrows it      // 15
        let n = tcp_cli_sock.read(&mut buf).at("recv", &addr)?;
        let data = &buf[..n];
        if data.is_empty() {                                              // 16
            break;                                                        // 17
        }
        console.print(String::from_utf8_lossy(data))?;                    // 18
    }
    Ok(())
} // tcp_cli_sock closes where it is dropped                              // 19
