//! UDP timestamp server: sends every datagram back with the time in front.
//! Its Python half is `udp_server.py`; run it by `cargo run -p udp-server`.

fn main() {
    common::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_DESCRIPTION"),
        udp_server,
    )
}

#[rustfmt::skip] // keeps the line numbers of udp_server.py in their column
fn udp_server(console: &mut common::Console) -> common::Result {
    use socket2::{Domain, Socket, Type};                                  // 3
    use std::net::UdpSocket; // socket2's recv_from fills no plain buffer
    use common::{Addr, At, ctime, stamped};                               // 4
    const HOST: &str = ""; // every interface                             // 5
    use common::{BUFSIZ, IPPORT_RESERVED, PORT};                          // 6-7
    let addr = console.addr(HOST, PORT)?;                                 // 8
    let udp_ser_sock = Socket::new(Domain::IPV4, Type::DGRAM, None)       // 9
        .at("socket", &addr)?;
    udp_ser_sock.bind(&addr.resolve()?.into()).at("bind", &addr)?;        // 10
    let own_port = console.announce(&udp_ser_sock, &addr)?;               // +
    let udp_ser_sock = UdpSocket::from(udp_ser_sock);
    loop {                                                                // 11
        console.print("waiting for message...")?;                         // 12
        let addr = loop { // until a client has got its reply             // +
            let mut buf = [0; BUFSIZ]; // recvfrom fills it               // 13
            let (n, peer) = udp_ser_sock.recv_from(&mut buf)
                .at("recvfrom", &addr)?;
            let (data, addr) = (&buf[..n], Addr::from(peer));
            if peer.port() < IPPORT_RESERVED || peer.port() == own_port { // +
                console.warn(format_args!("recvfrom {peer}: not a client"));
                continue;
            }
            let reply = stamped(&ctime(), data);                          // 14
            match udp_ser_sock.send_to(&reply, peer).at("sendto", &addr) {
                Ok(_) => break addr,
                Err(refused) => console.warn(refused),                    // +
            }
        };
        console.hold(format_args!( // shown with line 12, in one write    // 15
            "...received from and returned to: {addr}"
        ));
    }
} // udp_ser_sock closes where it is dropped                              // 16
