//! TCP timestamp server: sends every message back with the time in front.
//! Its Python half is `tcp_server.py`; run it by `cargo run -p tcp-server`.

fn main() {
    common::run(
        env!("CARGO_PKG_NAME"),
        env!("CARGO_PKG_DESCRIPTION"),
        tcp_server,
    )
}

#[rustfmt::skip] // keeps the line numbers of tcp_server.py in their column
fn tcp_server(console: &mut common::Console) -> common::Result {
    use socket2::{Domain, Socket, Type};                                  // 3
    use std::io::{ErrorKind, Read};
    use common::{Addr, At, ctime, stamped};                               // 4
    const HOST: &str = ""; // every interface                             // 5
    use common::{BACKLOG, BUFSIZ, PORT};                                  // 6-7
    let addr = console.addr(HOST, PORT)?;                                 // 8
    let tcp_ser_sock = Socket::new(Domain::IPV4, Type::STREAM, None)      // 9
        .at("socket", &addr)?;
    tcp_ser_sock.set_reuse_address(cfg!(unix)).at("setsockopt", &addr)?;  // +
    tcp_ser_sock.bind(&addr.resolve()?.into()).at("bind", &addr)?;        // 10
    tcp_ser_sock.listen(BACKLOG).at("listen", &addr)?;                    // 11
    console.announce(&tcp_ser_sock, &addr)?;                              // +
    loop {                                                                // 12
        console.print("waiting for connecting...")?;                      // 13
        let (mut tcp_cli_sock, addr) = match tcp_ser_sock.accept() {      // 14
            Err(lost) if lost.kind() == ErrorKind::ConnectionAborted => { // +
                console.warn(format_args!("accept: {lost}")); continue
            }
            accepted => accepted.at("accept", &addr)?,
        };
        let _ = tcp_cli_sock.local_addr(); // getsockname, as CPython does
        let addr = Addr::from(addr);
        console.print(format_args!("...connected from: {addr}"))?;        // 15
        let mut talk = || -> common::Result { loop {                      // 16
            let mut buf = [0; BUFSIZ]; // recv fills it, data borrows it  // 17
            let n = tcp_cli_sock.read(&mut buf).at("recv", &addr)?;
            let data = &buf[..n];
            if data.is_empty() {                                          // 18
                break Ok(());                                             // 19
            }
            let reply = stamped(&ctime(), data);                          // 20
            tcp_cli_sock.send(&reply).at("send", &addr)?;
        }};
        if let Err(lost) = talk() { console.warn(lost) } // only it ends  // +
        drop(tcp_cli_sock); // closes it                                  // 21
    }
} // tcp_ser_sock closes where it is dropped                              // 22
