//! Drawn at random: messages, lines and command lines (proptest).

use super::{Running, closed_stdout, command};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Debug;
use std::ops::RangeInclusive;

/// Runs a test on as many drawn inputs; one that fails is made small and shown.
pub fn check<S: Strategy<Value: Debug>>(cases: u32, input: S, test: impl Fn(S::Value)) {
    let config = Config {
        cases,
        failure_persistence: None, // the tree stays clean
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&input, |input| {
        test(input);
        Ok(())
    });
    if let Err(failure) = result {
        panic!("{failure}");
    }
}

/// Any bytes.
pub fn bytes(length: RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), length)
}

/// A line that a client can send, as bytes: not empty, no newline.
pub fn raw_line(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let but_newline = any::<u8>().prop_map(|byte| if byte == b'\n' { b' ' } else { byte });
    prop::collection::vec(but_newline, 1..=longest)
}

/// As many lines of text as a Python client can send and receive whole, with
/// the empty one that ends it.
pub fn input(lines: usize) -> impl Strategy<Value = String> {
    let but_newline = any::<char>().prop_filter("one line", |c| *c != '\n');
    let line = prop::collection::vec(but_newline, 1..=200).prop_map(String::from_iter);
    prop::collection::vec(line, lines).prop_map(|lines| lines.join("\n") + "\n\n")
}

/// Draws command lines, runs the program with each, and holds its exit status
/// against what the arguments mean. Standard input is empty and standard output
/// closed, so that a server ends at its first line.
pub fn arguments_never_surprise(binary: &str) {
    let host = prop::sample::select(vec!["127.0.0.1", "127.0.0.2", "localhost", "127.1", "::1"]);
    let flag = prop::sample::select(vec!["-h", "--help", "-V", "--version", "-", "--", "-x"]);
    let port = prop_oneof![
        Just("0".to_owned()),
        any::<u32>().prop_map(|n| n.to_string()),
        "[0-9a-z +.-]{0,6}",
        "-[^\0]{0,8}",
    ];
    let flags = prop::collection::vec(flag.prop_map(str::to_owned), 0..2);
    let more = prop::collection::vec("[^\0]{0,12}", 0..2);
    let drawn = (flags, host, prop::option::of(port), more);
    check(200, drawn, |(flags, host, port, more)| {
        // Always a host of the loopback network, and never the fixed port:
        let mut args = vec![host.to_owned(), port.clone().unwrap_or("0".into())];
        args.extend(more);
        args.extend(flags);
        // port 0 in the place of a valid one, for a drawn one may be in use.
        if args[1].parse::<u16>().is_ok() {
            args[1] = "0".into();
        }
        let mut program = command(binary, &[]);
        program.args(&args);
        let ended = Running::start_with_stdout(&mut program, closed_stdout()).finish();
        assert_eq!(
            ended.status,
            expected(&args, binary),
            "{args:?}: {}",
            ended.stderr
        );
        assert_eq!(
            ended.status == 2,
            ended.stderr.contains("\nusage: "),
            "{args:?}"
        );
    });
}

/// The documented status for arguments whose host is on the loopback network.
fn expected(args: &[String], binary: &str) -> i32 {
    let flag = |arg: &&String| arg.starts_with('-');
    match args.iter().find(flag).map(String::as_str) {
        Some("-h" | "--help" | "-V" | "--version") => return 32, // nobody reads the answer
        Some(_) => return 2,
        None => {}
    }
    if args.len() > 2 || args[1].parse::<u16>().is_err() {
        return 2;
    }
    match (args[0].as_str(), binary.rsplit('/').next()) {
        (_, Some("udp-client")) => 32,  // its prompt comes before the look-up
        ("::1", _) => 1,                // a host without an IPv4 address
        (_, Some("tcp-client")) => 111, // nobody listens on port 0
        _ => 32,
    }
}
