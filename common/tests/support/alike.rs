//! What all four programs do alike.

use super::{PROGRAM, number, program, run};

#[test]
fn help_and_version_are_printed() {
    let help = run(&mut program(&["--help"]), "");
    assert_eq!((help.status, help.stderr.as_str()), (0, ""));
    assert!(help.screen.contains(&format!("\nUsage: {PROGRAM} [HOST [PORT]]\n")));
    assert!(help.screen.contains("[default: 21567]\n"), "{}", help.screen);
    assert!(help.screen.lines().all(|line| line.len() <= 80), "{}", help.screen);
    let version = format!("{PROGRAM} {}\n", env!("CARGO_PKG_VERSION"));
    run(&mut program(&["--version"]), "").is_well(&version);
}

#[test]
fn wrong_arguments_end_it_with_2() {
    let message = "PORT is a number from 0 to 65535, not '65536'";
    let stderr = format!("{PROGRAM}: {message}\nusage: {PROGRAM} [HOST [PORT]]\n");
    run(&mut program(&["127.0.0.1", "65536"]), "").is(2, "", &stderr);
}

/// A label of a name has at most 63 letters, so no name server is asked.
#[test]
fn a_host_without_an_ipv4_address_ends_it() {
    let unknown = "x".repeat(64);
    let looked_up = if cfg!(windows) { "" } else { "failed to lookup address information: " };
    for (host, status, text) in [
        (unknown.as_str(), number::UNKNOWN_HOST, looked_up),
        ("::1", 1, "the host has no IPv4 address\n"),
    ] {
        let ended = run(&mut program(&[host, "9"]), "hello\n");
        let message = format!("{PROGRAM}: getaddrinfo {host}:9: {text}");
        assert!(ended.stderr.starts_with(&message), "{}", ended.stderr);
        assert_eq!((ended.status, ended.stderr.matches('\n').count()), (status, 1));
        assert_eq!(ended.screen, "");
    }
}
