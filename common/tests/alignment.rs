//! Each `main.rs` beside its Python version, line by line. This is the first of the integration
//! tests; if it fails, cargo runs no other, so its message is what a change has to fix first.

use std::fs;
use std::path::Path;

/// What a Python line has, and what its Rust must have then.
const BOTH: &str = r#"
    AF_INET, SOCK_STREAM)   Socket::new(Domain::IPV4, Type::STREAM
    AF_INET, SOCK_DGRAM)    Socket::new(Domain::IPV4, Type::DGRAM
    .bind(                  .bind(
    .listen(5)              .listen(common::BACKLOG)?; // 5
    .accept(                accept(
    .connect(               connect_ex(
    .recv(BUFSIZ)           recv(&tcp_cli_sock, BUFSIZ)
    .send(                  .send(
    .recvfrom(BUFSIZ)       recv_from(&udp_
    .recvfrom(BUFSIZ)       _sock, BUFSIZ)
    .sendto(                .send_to(
    .close(                 drop
    input('> ')             input("> ")
    print(                  print(
    while True              loop {
    if not data             if data.is_empty() {
    break                   break
    ctime(                  [b"[", ctime().as_bytes(), b"] ", &data]
    import ctime            ctime
    PORT = 21567            use common::PORT; // 21567
    BUFSIZ = 1024           use common::BUFSIZ; // 1024
    HOST = ''               HOST: &str = ""
    ADDR = (HOST, PORT)     server_addr = addr_from_args_or(HOST, PORT)
    (ADDR)                  server_addr
    , ADDR)                 , server_addr)
    data =                  data =
    data, ADDR =            (data, server_addr) =
    data, addr =            (data, addr) =
    _sock, addr =           _sock, addr) =
    , addr)                 addr)
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

/// As `assert!`, with a word for those who only try something.
macro_rules! check {
    ($right:expr, $($wrong:tt)*) => {
        assert!($right, "{}\nAn experiment is welcome: see CONTRIBUTING.md", format!($($wrong)*))
    };
}

/// The Rust of each Python line: lines of `main.rs` with their numbers. A tag is valid up to the
/// next tag. The tags go from 3 to the last line, each once, in one column.
fn ported<'a>(path: &str, rust: &'a str, last: usize) -> Vec<Vec<(usize, &'a str)>> {
    let mut ported = vec![Vec::new(); last + 1];
    let (mut number, mut addition, mut column) = (2, true, None);
    for (at, line) in (1..).zip(rust.lines()) {
        let (code, found) = tag(line);
        if found.is_some() {
            let column = *column.get_or_insert(code.len());
            let got = code.len();
            check!(got == column, "{path}:{at}: expected its tag in column {column}, got {got}");
        }
        match found.map(str::parse::<usize>) {
            Some(Ok(next)) => {
                check!(next == number + 1, "{path}:{at}: expected tag {}, got {next}", number + 1);
                (number, addition) = (next, false);
            }
            Some(Err(_)) => addition = true,
            None => {}
        }
        if !addition {
            ported[number].push((at, code));
        }
    }
    check!(number == last, "{path}: expected a tag {}, got none", number + 1);
    ported
}

/// The names of sockets in a Python line, and the strings that it shows.
fn shared_words(line: &str) -> impl Iterator<Item = &str> {
    let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
    let names = names.filter(|name| name.ends_with("_sock"));
    let strings = line.split('\'').skip(1).step_by(2);
    names.chain(strings.filter(|_| line.starts_with("HOST") || line.contains("print('")))
}

#[test]
fn every_line_is_ported_in_order_and_at_the_same_nesting_level() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let constants = (common::PORT, common::BUFSIZ, common::BACKLOG);
    check!(constants == (21567, 1024, 5), "common/src/lib.rs: Python has 21567, 1024 and 5");
    for (program, last) in
        [("tcp-server", 22), ("tcp-client", 19), ("udp-server", 16), ("udp-client", 18)]
    {
        let file = format!("{program}/{}.py", program.replace('-', "_"));
        let python = fs::read_to_string(top.join(&file)).unwrap();
        let lines = python.lines().count();
        check!(
            lines == last,
            "{file}: expected {last} lines, got {lines}: the line numbers are those of the \
             tutorial, so no line may be added or moved"
        );
        let path = format!("{program}/src/main.rs");
        let rust = fs::read_to_string(top.join(&path)).unwrap();
        let function = rust.lines().position(|line| line.starts_with("fn ")).unwrap();

        let ported = ported(&path, &rust, last);
        for (number, (line, ported)) in (1..).zip(python.lines().zip(&ported[1..])).skip(2) {
            let ((at, first), code) = (ported[0], line.split("  #").next().unwrap());
            let here = format!("{path}:{at} ports line {number}, {:?}", code.trim());
            let level = depth(line) + usize::from(at > function);
            let got = depth(first);
            check!(got == level, "{here}: expected nesting level {level}, got {got}");
            let words = ported.iter().filter(|(_, line)| line.contains(char::is_alphanumeric));
            let lines = words.count();
            check!(number < 5 || lines <= 2, "{here}: expected at most 2 lines, got {lines}");

            let rust: Vec<_> = ported.iter().map(|(_, code)| code.trim_end()).collect();
            let rust = rust.join(" ");
            let both = BOTH.lines().filter_map(|both| both.trim().split_once("  "));
            let both = both.filter(|(python, _)| code.contains(python));
            for expected in both.map(|(_, rust)| rust.trim()).chain(shared_words(code)) {
                check!(rust.contains(expected), "{here}: expected {expected:?}, got {rust:?}");
            }
        }
    }
}
