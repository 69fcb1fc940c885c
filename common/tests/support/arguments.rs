//! What all four programs make of their arguments.

use super::{Running, closed_stdout, command, full_stdout, run};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

/// `--help` and `--version` answer on standard output, with status 0.
pub fn questions_are_answered(binary: &str, name: &str, default_host: &str) {
    for flag in ["--help", "-h"] {
        let ended = run(&mut command(binary, &[flag]), "");
        let screen = ended.screen();
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
        assert!(screen.contains(&format!("\nUsage: {name} [HOST [PORT]]\n")));
        assert!(screen.contains(&format!(" [default: '{default_host}']\n")));
        assert!(screen.contains("[default: 21567]\n"), "{screen}");
        assert!(screen.lines().all(|line| line.len() <= 80), "{screen}");
    }
    for flag in ["--version", "-V"] {
        let ended = run(&mut command(binary, &[flag]), "");
        let version = format!("{name} {}\n", env!("CARGO_PKG_VERSION"));
        assert_eq!((ended.status, ended.stderr.as_str()), (0, ""));
        assert_eq!(ended.screen(), version);
    }
    // They come first, whatever else stands there, before anything happens.
    let ended = run(
        &mut command(binary, &["no.such.host.invalid", "7", "-V"]),
        "",
    );
    assert_eq!(ended.status, 0);
    // And they fail as everything else does where nobody reads the answer.
    for (stdout, status) in [(closed_stdout(), 32), (full_stdout(), 28)] {
        let help = &mut command(binary, &["--help"]);
        let ended = Running::start_with_stdout(help, stdout).finish();
        assert_eq!(ended.status, status);
        assert_eq!(ended.stderr.is_empty(), status == 32, "{}", ended.stderr);
    }
}

/// Wrong arguments: status 2, what is wrong and the usage on standard error,
/// nothing on standard output.
pub fn wrong_ones_are_refused(binary: &str, name: &str) {
    let here = "127.0.0.1";
    let port = |text: &str| format!("PORT is a number from 0 to 65535, not '{text}'");
    for (args, wrong) in [
        (vec![here, "65536"], port("65536")),
        (
            vec![here, "99999999999999999999"],
            port("99999999999999999999"),
        ),
        (vec![here, "http"], port("http")),
        (vec![here, "80x"], port("80x")),
        (vec![here, " 80"], port(" 80")),
        (vec![here, ""], port("")),
        (vec![here, "-1"], "unknown option '-1'".to_owned()),
        (vec!["--bogus"], "unknown option '--bogus'".to_owned()),
        (vec!["-x", here], "unknown option '-x'".to_owned()),
        (
            vec![here, "1", "2"],
            "one argument too many: '2'".to_owned(),
        ),
    ] {
        let ended = run(&mut command(binary, &args), "");
        let usage = format!("{name}: {wrong}\nusage: {name} [HOST [PORT]]\n");
        assert_eq!((ended.status, ended.stderr), (2, usage), "{args:?}");
        assert!(ended.stdout.is_empty(), "{args:?}");
    }
    let ended = run(command(binary, &[]).arg(OsStr::from_bytes(b"\xff")), "");
    assert_eq!(ended.status, 2);
    assert!(ended.stderr.contains("not UTF-8"), "{}", ended.stderr);
}

/// A name that nobody has, or that has no IPv4 address: status 1, for the
/// system has no number for it. `screen` is what stands there by then.
pub fn hosts_without_address_end_it(binary: &str, name: &str, screen: &str) {
    // Labels end at 63 letters, so no name server is asked.
    let long = "x".repeat(64);
    for (host, said) in [
        (long.as_str(), "failed to lookup address information: "),
        ("::1", "the name has no IPv4 address"),
    ] {
        let ended = run(&mut command(binary, &[host, "21567"]), "hello\n");
        let message = format!("{name}: getaddrinfo {host}:21567: {said}");
        assert_eq!(ended.status, 1, "{}", ended.stderr);
        assert!(ended.stderr.starts_with(&message), "{}", ended.stderr);
        assert_eq!(ended.stderr.matches('\n').count(), 1);
        assert_eq!(ended.screen(), screen);
    }
}
