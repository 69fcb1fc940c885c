//! The table of socket methods against the Python programs.

mod support;

use std::fs;
use support::{half, top};

const PROGRAMS: [&str; 4] = ["tcp-server", "tcp-client", "udp-server", "udp-client"];

/// A row of the table: the Python method, and the places it names.
fn rows() -> Vec<(String, String)> {
    let text = fs::read_to_string(top().join("common/methods.md")).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    let (_, table) = text.split_once("\nWhere each method stands").unwrap();
    let rows = table
        .lines()
        .filter(|line| line.starts_with("| [`"))
        .map(cells);
    rows.filter(|cells| cells.len() == 6)
        .map(|cells| {
            let method = cells[1].split('`').nth(1).unwrap().to_owned();
            (method, cells[4].clone())
        })
        .collect()
}

#[test]
fn every_method_of_the_lesson_has_a_row_and_an_example() {
    let text = fs::read_to_string(top().join("common/methods.md")).unwrap();
    let rows = rows();
    for method in [
        "bind",
        "listen",
        "accept",
        "connect",
        "connect_ex",
        "recv",
        "send",
        "sendall",
        "recvfrom",
        "sendto",
        "shutdown",
        "close",
    ] {
        assert!(
            rows.iter().any(|(row, _)| row == method),
            "{method} has no row"
        );
        let (_, section) = text.split_once(&format!("\n### {method}\n")).expect(method);
        let section = section.split("\n### ").next().unwrap();
        assert!(section.contains("assert"), "{method} has no example");
    }
    assert_eq!(rows.len(), 14);
}

#[test]
fn the_table_names_just_the_lines_that_call_a_method() {
    for (method, places) in rows() {
        if places.starts_with("nowhere") || places.starts_with("the ") {
            continue;
        }
        let mut called = Vec::new();
        for program in PROGRAMS {
            let python = fs::read_to_string(half(program)).unwrap();
            for (at, line) in python.lines().enumerate() {
                if line.contains(&format!(".{method}(")) {
                    called.push(format!("{program} {}", at + 1));
                }
            }
        }
        let mut named: Vec<&str> = places.split(", ").collect();
        named.sort_unstable();
        called.sort_unstable();
        assert_eq!(named, called, "{method}");
    }
}
