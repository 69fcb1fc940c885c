//! The table of socket methods against the Python programs.

mod support;

use std::fs;
use support::{half, top};

fn text() -> String {
    fs::read_to_string(top().join("common/methods.md")).unwrap()
}

/// The rows of the table: the Python method, and the places it names.
fn rows() -> Vec<(String, String)> {
    let text = text();
    let (_, table) = text.split_once("\nWhere each method stands").unwrap();
    let rows = table.lines().filter(|line| line.starts_with("| [`"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let method = cells[1].split('`').nth(1).unwrap();
        (method.to_owned(), cells[4].to_owned())
    })
    .collect()
}

#[test]
fn every_method_of_the_lesson_has_a_row_and_an_example() {
    let (text, rows) = (text(), rows());
    let lesson = "bind listen accept connect connect_ex recv send sendall recvfrom sendto \
                  shutdown close";
    for method in lesson.split(' ') {
        assert!(rows.iter().any(|(row, _)| row == method), "{method}");
        let (_, section) = text.split_once(&format!("\n### {method}\n")).expect(method);
        let section = section.split("\n### ").next().unwrap();
        assert!(section.contains("assert"), "{method} has no example");
    }
    assert_eq!(rows.len(), 14);
}

#[test]
fn the_table_names_just_the_lines_that_call_a_method() {
    for (method, places) in rows() {
        if ["nowhere", "the "].iter().any(|word| places.starts_with(word)) {
            continue;
        }
        let mut called = Vec::new();
        for program in ["tcp-server", "tcp-client", "udp-server", "udp-client"] {
            let python = fs::read_to_string(half(program)).unwrap();
            let calls = |line: &&str| line.contains(&format!(".{method}("));
            let lines = python.lines().zip(1..).filter(|(line, _)| calls(line));
            called.extend(lines.map(|(_, number)| format!("{program} {number}")));
        }
        assert_eq!(places, called.join(", "), "{method}");
    }
}
