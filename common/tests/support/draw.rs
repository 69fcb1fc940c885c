//! Drawn at random: messages and lines (proptest).
#![allow(dead_code)] // every test file uses its own part of this

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Debug;
use std::ops::RangeInclusive;

/// Runs a test on fifty drawn inputs.
pub fn check<S: Strategy<Value: Debug>>(input: S, test: impl Fn(S::Value)) {
    // Under Wine a program needs a quarter of a second to start.
    check_some(if cfg!(windows) { 5 } else { 50 }, input, test);
}

/// The same on as many as the test says. It fails with the first input that fails, and
/// says why in a few lines; to make the input small would repeat them a hundred times.
pub fn check_some<S: Strategy<Value: Debug>>(cases: u32, input: S, test: impl Fn(S::Value)) {
    let config = Config {
        cases,
        max_shrink_iters: 0,
        failure_persistence: None, // the tree stays clean
        ..Config::default()
    };
    let result = TestRunner::new(config).run(&input, |input| {
        test(input);
        Ok(())
    });
    assert!(result.is_ok(), "drawn at random: see above");
}

/// Any bytes.
pub fn bytes(length: RangeInclusive<usize>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), length)
}

/// A line that a client can send, as bytes: not empty, no end of a line in it.
pub fn line(longest: usize) -> impl Strategy<Value = Vec<u8>> {
    let not_an_end = any::<u8>().prop_map(|byte| match byte {
        b'\r' | b'\n' => b' ',
        byte => byte,
    });
    prop::collection::vec(not_an_end, 1..=longest)
}
