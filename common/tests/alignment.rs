//! Each `main.rs` beside its Python half, line by line. Cargo runs this file first, and
//! where it fails nothing else: what it says is what a change has to mend first.

mod support;

use std::fs;
use support::{half, top};

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
    HOST = ''               HOST: &str = ""
    ADDR = (HOST, PORT)     server_addr = Addr::from_args(HOST, PORT)
    (ADDR)                  &server_addr.resolve()?
    , ADDR)                 &server_addr
    , ADDR =                server_addr = addr;
    , addr =                addr)
    , addr)                 addr
"#;

/// A line of Rust as the code and its tag, if it has one.
fn tag(line: &str) -> (&str, Option<&str>) {
    let is_tag = |tag: &str| tag == "+" || tag.parse::<usize>().is_ok();
    match line.rsplit_once("// ") {
        Some((code, tag)) if is_tag(tag) => (code, Some(tag)),
        _ => (line, None),
    }
}

fn depth(line: &str) -> usize {
    (line.len() - line.trim_start().len()) / 4
}

/// As `assert!`, and says where to go.
macro_rules! hold {
    ($right:expr, $($wrong:tt)*) => {
        assert!($right, "{}\nAn experiment is welcome: see CONTRIBUTING.md", format!($($wrong)*))
    };
}

/// The Rust of each Python line: the lines of `main.rs`, with their numbers. A tag holds
/// until the next tag; they go from 3 to the last line, each once, in one column.
fn ported<'a>(path: &str, rust: &'a str, last: usize) -> Vec<Vec<(usize, &'a str)>> {
    let mut ported = vec![Vec::new(); last + 1];
    let (mut number, mut addition, mut column) = (2, true, None);
    for (at, line) in (1..).zip(rust.lines()) {
        let (code, found) = tag(line);
        if found.is_some() {
            let column = *column.get_or_insert(code.len());
            hold!(code.len() == column, "{path}:{at}: its tag is not in column {column}");
        }
        match found.map(str::parse::<usize>) {
            Some(Ok(next)) => {
                let due = number + 1;
                hold!(next == due, "{path}:{at} is tagged {next}; next comes {due}");
                (number, addition) = (next, false);
            }
            Some(Err(_)) => addition = true,
            None => {}
        }
        if !addition {
            ported[number].push((at, code));
        }
    }
    hold!(number == last, "{path}: no line is tagged {}", number + 1);
    ported
}

/// Names of sockets in a Python line, and all between quotes that it shows.
fn shared_words(line: &str) -> impl Iterator<Item = &str> {
    let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let names = names.filter(|name| name.ends_with("_sock"));
    let words = line.split('\'').skip(1).step_by(2);
    names.chain(words.filter(|_| line.starts_with("HOST") || line.contains("print('")))
}

#[test]
fn every_line_is_ported_in_order_and_as_deep_as_python() {
    let programs = ["tcp-server", "tcp-client", "udp-server", "udp-client"];
    for (program, last) in programs.into_iter().zip([22, 19, 16, 18]) {
        let python = fs::read_to_string(half(program)).unwrap();
        let python: Vec<&str> = python.lines().collect();
        let lines = python.len();
        hold!(
            lines == last,
            "the Python half of {program} has {lines} lines, its listing {last}: \
             no line may be added or moved, for the numbers are those of the listing"
        );
        let path = format!("{program}/src/main.rs");
        let rust = fs::read_to_string(top().join(&path)).unwrap();
        let function = rust.lines().position(|line| line.starts_with("fn ")).unwrap();

        let ported = ported(&path, &rust, last);
        for (number, (line, ported)) in (1..).zip(python.iter().zip(&ported[1..])).skip(2) {
            let ((at, first), code) = (ported[0], line.split("  #").next().unwrap());
            let here = format!("{path}:{at} ports line {number}, {:?}", code.trim());
            let due = depth(line) + usize::from(at > function);
            let stands = depth(first);
            hold!(stands == due, "{here}: it stands {stands} deep, not {due}");
            let many = ported.iter().filter(|(_, line)| line.contains(char::is_alphanumeric));
            hold!(many.count() <= 4, "{here}: more than four lines of Rust");

            let ported: String = ported.iter().map(|(_, code)| *code).collect();
            let both = BOTH.lines().filter_map(|both| both.trim().split_once("  "));
            let both = both.filter(|(python, _)| code.contains(python));
            let due = both.map(|(_, rust)| rust.trim());
            for due in due.chain(shared_words(code)) {
                hold!(ported.contains(due), "{here}: there is no {due:?} in its Rust");
            }
        }
    }
}
