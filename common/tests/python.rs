//! The ports beside their Python halves: the line numbers in each `main.rs`, and
//! the screens of every pair of client and server.
#![cfg(target_os = "linux")]

mod support;

use proptest::prelude::*;
use std::fs;
use support::linux::{python, python_server};
use support::{Server, draw, half, our_at, run, top};

/// A line of Rust as the code and its tag, if it has one.
fn tag(line: &str) -> (&str, Option<&str>) {
    let is_tag = |tag: &str| tag == "+" || tag.parse::<usize>().is_ok();
    match line.rsplit_once("// ") {
        Some((code, tag)) if is_tag(tag) => (code, Some(tag)),
        _ => (line, None),
    }
}

/// Python and what then stands in its Rust.
const BOTH: &str = r#"
    AF_INET, SOCK_STREAM)   Socket::new(Domain::IPV4, Type::STREAM
    AF_INET, SOCK_DGRAM)    Socket::new(Domain::IPV4, Type::DGRAM
    .bind(                  .bind(
    .listen(                .listen(BACKLOG)
    listen(5)               // BACKLOG = 5
    .accept(                .accept(
    .connect(               connect_ex(
    .recv(                  .read(
    .send(                  .send(
    .recvfrom(              .recv_from(
    .sendto(                .send_to(
    .close(                 drop
    input('> ')             input("> ")
    print(                  print(
    while True              loop {
    if not data             if data.is_empty() {
    break                   break
    ctime(                  [b"[", ctime().as_bytes(), b"] ", data]
    import ctime            ctime
    PORT = 21567            const PORT: u16 = common::PORT;
    BUFSIZ = 1024           const BUFSIZ: usize = common::BUFSIZ;
    recv(BUFSIZ)            [0; BUFSIZ]
    recvfrom(BUFSIZ)        [0; BUFSIZ]
    ADDR = (                server_addr = Addr::from_args(HOST, PORT)
    HOST = ''               HOST: &str = ""
    (ADDR)                  server_addr.resolve()?
    , ADDR)                 &server_addr
    , ADDR =                server_addr = addr;
    , addr =                addr)
    , addr)                 addr
"#;

/// A tag holds until the next tag. The tags cover line 3 to the last of the
/// Python half, in order, each once (again only behind an addition) and in one
/// column; a line's calls, names and words stand on both sides.
#[test]
fn every_line_is_ported_in_order() {
    let programs = ["tcp-server", "tcp-client", "udp-server", "udp-client"];
    for (program, last) in programs.into_iter().zip([22, 19, 16, 18]) {
        let python = fs::read_to_string(half(program)).unwrap();
        let python: Vec<&str> = python.lines().collect();
        let rust = fs::read_to_string(top().join(program).join("src/main.rs")).unwrap();
        assert_eq!(python.len(), last, "the listing's number of lines");

        let mut ported = vec![String::new(); last + 1];
        let (mut number, mut addition, mut column) = (2, true, None);
        for line in rust.lines().skip_while(|line| tag(line).1.is_none()) {
            let (code, found) = tag(line);
            if found.is_some() {
                let same = *column.get_or_insert(code.len()) == code.len();
                assert!(same, "{program}: the tags are not in one column: {line}");
            }
            match found.map(str::parse) {
                Some(Ok(next)) => {
                    let in_order = next == number + 1 || next == number && addition;
                    assert!(in_order, "{program}: {next} after {number}");
                    (number, addition) = (next, false);
                }
                Some(Err(_)) => addition = true,
                None => {}
            }
            if !addition {
                ported[number] += code;
            }
        }
        assert_eq!(number, last, "{program}");

        for (line, rust) in python.iter().zip(&ported[1..]).skip(2) {
            let line = line.split("  #").next().unwrap();
            let both = BOTH.lines().filter_map(|both| both.trim().split_once("  "));
            for (_, text) in both.filter(|(python, _)| line.contains(python)) {
                let found = rust.contains(text.trim());
                assert!(found, "{program}: {line:?} and {rust:?}");
            }
            // Names of sockets, and all between single quotes that is shown.
            let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let names = names.filter(|name| name.ends_with("_sock"));
            let words = line.split('\'').skip(1).step_by(2);
            let words = words.filter(|_| line.starts_with("HOST") || line.contains("print('"));
            for text in names.chain(words) {
                assert!(rust.contains(text), "{program}: {text:?} in {rust:?}");
            }
        }
    }
}

/// A screen with `TIME` and `PORT` for what differs from run to run.
fn masked(screen: &str) -> String {
    let mask = |line: &str| {
        let (prompt, line) = line.split_at(if line.starts_with("> ") { 2 } else { 0 });
        if line.starts_with('[') && line.get(25..27) == Some("] ") {
            format!("{prompt}[TIME] {}", &line[27..])
        } else if let Some((before, _)) = line.rsplit_once("('127.0.0.1', ") {
            format!("{prompt}{before}('127.0.0.1', PORT)\n")
        } else {
            format!("{prompt}{line}")
        }
    };
    screen.split_inclusive('\n').map(mask).collect()
}

/// Runs a client with a server; returns both screens, masked, once the server
/// shows as many lines as the conversation must leave there.
fn screens(server: Server, client: &str, input: &str, lines: usize) -> [String; 2] {
    let port = server.addr.port();
    let ours = client.strip_prefix("our ");
    let mut command = ours.map_or_else(|| python(client, port), |client| our_at(client, port));
    let client = run(&mut command, input);
    assert_eq!((client.status, client.stderr.as_str()), (0, ""));
    let waits_again = |screen: &str| screen.matches('\n').count() == lines;
    server
        .program
        .wait_until("the server waits again", |program| {
            waits_again(&program.screen())
        });
    let server = String::from_utf8(server.program.end().stdout).unwrap();
    [masked(&client.screen()), masked(&server)]
}

/// A line for every kind of text that Python takes too, then some at random;
/// the last one is empty and ends a client.
fn no_pair_differs(protocol: &str) {
    let not_an_end = any::<char>().prop_filter("one line", |c| *c != '\n');
    let line = prop::collection::vec(not_an_end, 1..=200).prop_map(String::from_iter);
    let lines = prop::collection::vec(line, 400);
    let fits = "x".repeat(common::BUFSIZ - common::STAMP_LEN);
    let fixed =
        format!("hello\n  two  spaces\tand a tab \nGr\u{fc}\u{df}e \u{2603}\n\r\n[\n{fits}\n");
    let (server, client) = (format!("{protocol}-server"), format!("{protocol}-client"));
    let our_client = format!("our {client}");
    draw::check_some(1, lines, |lines| {
        let input = format!("{fixed}{}\n\n", lines.join("\n"));
        let shown = match protocol {
            "tcp" => 3,
            _ => 2 * (input.matches('\n').count() - 1) + 1,
        };
        let pythons = screens(python_server(&server), &client, &input, shown);
        for (server, client) in [
            (python_server(&server), &our_client),
            (Server::start(&server), &client),
            (Server::start(&server), &our_client),
        ] {
            for (ours, pythons) in screens(server, client, &input, shown).iter().zip(&pythons) {
                let mut lines = ours.lines().zip(pythons.lines());
                let differs = lines.find(|(ours, pythons)| ours != pythons);
                assert!(ours == pythons, "{differs:?}");
            }
        }
    });
}

#[test]
fn nobody_can_tell_which_half_of_a_tcp_pair_is_python() {
    no_pair_differs("tcp");
}

#[test]
fn nobody_can_tell_which_half_of_a_udp_pair_is_python() {
    no_pair_differs("udp");
}
