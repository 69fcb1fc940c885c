//! Where the programs are, and that they are those of the sources as they are now.

use super::{command, top};
use std::env::{consts::EXE_SUFFIX, current_exe};
use std::fs;
use std::path::Path;
use std::sync::Once;

/// The path of one of the four programs. Cargo puts it beside the tests' folder, and
/// builds it for the tests of its own crate; for those of `common`, this does.
pub fn path(program: &str) -> String {
    let deps = current_exe().unwrap(); // target/debug/deps/…
    let folder = deps.ancestors().nth(2).unwrap();
    let path = folder.join(format!("{program}{EXE_SUFFIX}"));
    if !env!("CARGO").ends_with(EXE_SUFFIX) {
        is_new(&path, program); // under Wine: a program of Windows cannot call this Cargo
    } else if env!("CARGO_PKG_NAME") == "common" {
        static BUILT: Once = Once::new();
        BUILT.call_once(|| build(folder));
    }
    path.into_os_string().into_string().unwrap()
}

/// Builds the programs, and one test with them: so they have the features that `cargo
/// test --workspace` gives them, and neither builds again what the other has built.
fn build(folder: &Path) {
    let all = ["build", "--quiet", "--workspace", "--bins", "--test", "alignment"];
    let mut cargo = command(env!("CARGO"), &all);
    cargo.current_dir(top()).arg("--target-dir").arg(folder.parent().unwrap());
    if let Some(profile) = folder.file_name().filter(|name| *name != "debug") {
        cargo.arg("--profile").arg(profile);
    }
    assert!(cargo.status().unwrap().success(), "the programs do not build");
}

/// Fails where a program is older than a source.
fn is_new(path: &Path, program: &str) {
    let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).unwrap();
    for folder in ["common", program] {
        for source in fs::read_dir(top().join(folder).join("src")).unwrap() {
            let source = source.unwrap().path();
            assert!(time(&source) <= time(path), "{path:?} is older than {source:?}");
        }
    }
}
