//! Where the programs are, and that they are those of the sources as they are now.

use super::{command, top};
use std::env::{consts::EXE_SUFFIX, current_exe};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::SystemTime;

/// The path of one of the four programs. Cargo puts it beside the tests' folder, and
/// builds it for the tests of its own crate; for those of `common`, this does.
pub fn path(program: &str) -> String {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let folder = BUILT.get_or_init(|| {
        let deps = current_exe().unwrap(); // target/debug/deps/…
        let folder = deps.ancestors().nth(2).unwrap().to_owned();
        if env!("CARGO_PKG_NAME") == "common" {
            build(&folder);
        }
        folder
    });
    let path = folder.join(format!("{program}{EXE_SUFFIX}"));
    path.into_os_string().into_string().unwrap()
}

/// Builds all, as `cargo test --workspace` does: after that it has nothing to do. Under
/// Wine a test cannot call cargo, so there it looks whether all is built.
fn build(folder: &Path) {
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "test",
        Some(profile) => profile,
    };
    let mut cargo = command(env!("CARGO"), &["test", "--workspace", "--no-run", "--quiet"]);
    cargo.args(["--profile", profile]).current_dir(top());
    cargo.arg("--target-dir").arg(folder.parent().unwrap());
    match cargo.stderr(Stdio::piped()).output() {
        Ok(done) => {
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success(), "the programs do not build:\n{said}");
        }
        Err(_) if cfg!(windows) => is_new(&folder.join(format!("udp-server{EXE_SUFFIX}"))),
        Err(error) => panic!("{}: {error}", env!("CARGO")),
    }
}

/// Fails where a program is older than a source.
fn is_new(program: &Path) {
    let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified());
    let built = time(program).unwrap_or(SystemTime::UNIX_EPOCH);
    for folder in ["common", "tcp-server", "tcp-client", "udp-server", "udp-client"] {
        for file in fs::read_dir(top().join(folder).join("src")).unwrap() {
            let file = file.unwrap().path();
            assert!(time(&file).unwrap() <= built, "{program:?} is older than {file:?}");
        }
    }
}
