//! Load for a timestamp server on 127.0.0.1, for bench.sh: `load tcp|udp PORT COUNT` sends
//! COUNT messages of 64 bytes, each after the reply to the one before, checks every reply,
//! and prints how many nanoseconds that took.
use std::io::{self, Error, Read, Write};
use std::net::{Ipv4Addr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().collect();
    let addr = (Ipv4Addr::LOCALHOST, args[2].parse::<u16>()?);
    let count = args[3].parse()?;
    let patience = Some(Duration::from_secs(5));
    let took = if args[1] == "tcp" {
        let mut socket = TcpStream::connect(addr)?;
        socket.set_read_timeout(patience)?;
        time(count, |message, reply| {
            socket.write_all(message)?;
            socket.read_exact(&mut reply[..27 + message.len()])?;
            Ok(27 + message.len())
        })?
    } else {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        socket.set_read_timeout(patience)?;
        socket.connect(addr)?;
        time(count, |message, reply| {
            socket.send(message)?;
            socket.recv(reply)
        })?
    };
    println!("{}", took.as_nanos());
    Ok(())
}

fn time(
    count: u32,
    mut round_trip: impl FnMut(&[u8], &mut [u8]) -> io::Result<usize>,
) -> io::Result<Duration> {
    let (start, mut buf) = (Instant::now(), [0; 1024]);
    for number in 1..=count {
        let message = format!("{number:064}");
        let n = round_trip(message.as_bytes(), &mut buf)?;
        let stamp = buf[..n].strip_suffix(message.as_bytes());
        if !stamp.is_some_and(|stamp| stamp.len() == 27 && stamp.ends_with(b"] ")) {
            return Err(Error::other("a wrong reply"));
        }
    }
    Ok(start.elapsed())
}
