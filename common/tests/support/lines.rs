//! The join of a port and its Python half: the line numbers in `main.rs`.

use super::{half, top};
use std::fs;

/// A place in `main.rs`: the lines of the half that it ports (none for an
/// addition), and the Rust up to the next place.
struct Place {
    ports: Vec<usize>,
    rust: String,
}

/// Splits a line of Rust into the code and its tag.
fn tag(line: &str) -> Option<(&str, Vec<usize>)> {
    let (code, tag) = line.rsplit_once("// ")?;
    if tag == "+" {
        return Some((code, Vec::new()));
    }
    let (first, last) = tag.split_once('-').unwrap_or((tag, tag));
    let first: usize = first.parse().ok()?;
    let last: usize = last.parse().ok()?;
    Some((code, (first..=last).collect()))
}

fn places(rust: &str) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for line in rust.lines() {
        match (tag(line), places.last_mut()) {
            (Some((code, ports)), _) => places.push(Place {
                ports,
                rust: code.to_owned(),
            }),
            (None, Some(place)) => place.rust += line,
            (None, None) => {}
        }
    }
    places
}

/// All between single quotes, in order: Python's strings in our halves.
fn strings(python: &str) -> impl Iterator<Item = &str> {
    python.split('\'').skip(1).step_by(2)
}

/// The tags of a port cover line 3 to the last of its Python half, in order,
/// each once and all in one column; a line's socket call and its strings stand
/// on both sides.
pub fn every_line_is_ported_in_order(program: &str, last: usize) {
    let python = fs::read_to_string(half(program)).unwrap();
    let python: Vec<&str> = python.lines().collect();
    let rust = fs::read_to_string(top().join(program).join("src/main.rs")).unwrap();
    assert_eq!(python.len(), last, "the listing's number of lines");
    assert!(
        rust.lines().count() <= 50,
        "main.rs is longer than a screen"
    );

    let places = places(&rust);
    let numbers: Vec<usize> = places
        .iter()
        .flat_map(|place| place.ports.clone())
        .collect();
    assert_eq!(numbers, (3..=last).collect::<Vec<_>>(), "tags of {program}");
    assert!(
        places.iter().any(|place| place.ports.is_empty()),
        "additions"
    );

    let column = |line: &str| tag(line).map(|(code, _)| code.chars().count());
    let mut columns: Vec<usize> = rust.lines().filter_map(column).collect();
    columns.dedup();
    assert_eq!(columns.len(), 1, "the tags stand in {columns:?}");

    for number in 3..=last {
        let line = python[number - 1].split("  #").next().unwrap();
        let ported = places
            .iter()
            .position(|place| place.ports.contains(&number));
        let at = ported.unwrap();
        // An addition in the middle of a statement splits it: look behind it too.
        let additions = places[at + 1..]
            .iter()
            .take_while(|place| place.ports.is_empty());
        let rust: String = [&places[at]]
            .into_iter()
            .chain(additions)
            .map(|place| place.rust.as_str())
            .collect();
        let both = |python: &str, in_rust: &[&str]| {
            let found = !line.contains(python) || in_rust.iter().any(|text| rust.contains(text));
            assert!(found, "{program} line {number}: {line:?} and {rust:?}");
        };
        both("socket(", &["Socket::new(Domain::IPV4, Type::"]);
        both("SOCK_STREAM)", &["Type::STREAM"]);
        both("SOCK_DGRAM)", &["Type::DGRAM"]);
        both(".bind(", &[".bind("]);
        both(".listen(", &[".listen(BACKLOG)"]);
        both(".accept(", &[".accept("]);
        both(".connect(", &["connect_ex("]);
        both(".recv(", &[".read("]);
        both(".send(", &[".send("]);
        both(".recvfrom(", &[".recv_from("]);
        both(".sendto(", &[".send_to("]);
        both(".close(", &["drop(", "} "]);
        both("input(", &["console.input("]);
        both("print(", &["console.print(", "console.hold("]);
        both("while True", &["loop {"]);
        both("if not data", &["if data.is_empty() {"]);
        both("break", &["break"]);
        both("ctime(", &["stamped(&ctime(), data)"]);
        both("import ctime", &["ctime"]);
        both("PORT =", &["PORT"]);
        both("BUFSIZ", &["BUFSIZ"]);
        both("addr = (", &["addr = console.addr(HOST, PORT)"]);
        if line.starts_with("HOST") || line.contains("print(") || line.contains("input(") {
            for text in strings(line).filter(|text| *text != "utf-8") {
                assert!(
                    rust.contains(text),
                    "{program} line {number}: {text:?} in {rust:?}"
                );
            }
        }
        for name in [
            "tcp_ser_sock",
            "tcp_cli_sock",
            "udp_ser_sock",
            "udp_cli_sock",
        ] {
            both(name, &[name]);
        }
    }
}
