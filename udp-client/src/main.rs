//! UDP timestamp client: sends each line and prints the reply.
//! Its Python half is `udp_client.py`; run it by `cargo run -p udp-client`.

fn main() {
    common::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_DESCRIPTION"),
        udp_client,
    )
}

#[rustfmt::skip] // keeps the line numbers of udp_client.py in their column
fn udp_client(console: &mut common::Console) -> common::Result {
    use socket2::{Domain, Socket, Type};                                  // 3
    use std::net::UdpSocket; // socket2's recv_from fills no plain buffer
    use common::{Addr, At, REPLY_TIMEOUT, retry};
    const HOST: &str = "localhost";                                       // 4
    use common::{BUFSIZ, PORT};                                           // 5-6
    let mut addr = console.addr(HOST, PORT)?;                             // 7
    let udp_cli_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)       // 8
        .map(UdpSocket::from).at("socket", &addr)?;
    udp_cli_sock.set_read_timeout(Some(REPLY_TIMEOUT))                    // +
        .at("setsockopt", &addr)?;
    loop {                                                                // 9
        let data = console.input("> ")?;                                  // 10
        if data.is_empty() {                                              // 11
            break;                                                        // 12
        }
        console.warn_if_long(&data);                                      // +
        udp_cli_sock.send_to(&data, addr.resolve()?)                      // 13
            .at("sendto", &addr)?;
        let mut buf = [0; BUFSIZ]; // recvfrom fills it, data borrows it  // 14
        let (n, peer) = retry(|| udp_cli_sock.recv_from(&mut buf))
            .at("recvfrom", &addr)?;
        let data = &buf[..n];
        addr = Addr::from(peer); // from now on, whoever answered
        if data.is_empty() {                                              // 15
            break;                                                        // 16
        }
        console.print(String::from_utf8_lossy(data))?;                    // 17
    }
    Ok(())
} // udp_cli_sock closes where it is dropped                              // 18
