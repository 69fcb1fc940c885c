//! Inputs drawn at random (proptest).

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use std::fmt::Debug;

/// How many inputs are many: under Wine a program needs a quarter of a second to start.
#[allow(dead_code)] // not every test file draws many
pub const MANY: u32 = if cfg!(windows) { 5 } else { 50 };

/// Runs a test on so many drawn inputs. It fails with the first input that fails, and
/// says why in a few lines; to make the input small would repeat them a hundred times.
pub fn check<S: Strategy<Value: Debug>>(cases: u32, input: S, test: impl Fn(S::Value)) {
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
