//! What the programs make of their arguments, once for all four.

mod support;

use support::{number, our, run};

const PROGRAMS: [&str; 4] = ["tcp-server", "tcp-client", "udp-server", "udp-client"];

#[test]
fn help_and_version_answer_whatever_else_stands_there() {
    for (program, host) in PROGRAMS.into_iter().zip(["", "127.0.0.1", "", "localhost"]) {
        for args in [&["--help"][..], &["-h"], &["no.such.host.invalid", "-h"]] {
            let ended = run(&mut our(program, args), "");
            let screen = &ended.screen;
            ended.is_well(screen);
            assert!(screen.contains(&format!("\nUsage: {program} [HOST [PORT]]\n")));
            assert!(screen.contains(&format!("[default: '{host}']\n")), "{screen}");
            assert!(screen.contains("[default: 21567]\n"), "{screen}");
            assert!(screen.lines().all(|line| line.len() <= 80), "{screen}");
        }
        for args in [&["--version"][..], &["-V"], &["::1", "x", "y", "-V"]] {
            let version = format!("{program} {}\n", env!("CARGO_PKG_VERSION"));
            run(&mut our(program, args), "").is_well(&version);
        }
    }
}

#[test]
fn wrong_ones_are_2_and_named() {
    let port = |text: &str| format!("PORT is a number from 0 to 65535, not '{text}'");
    let option = |text: &str| format!("unknown option '{text}'");
    for (args, wrong) in [
        (&["127.0.0.1", "65536"][..], port("65536")),
        (&["4000"], "'4000' is in the place of HOST; a port is the second argument".to_owned()),
        (&["127.0.0.1", "80x"], port("80x")),
        (&["127.0.0.1", " 80"], port(" 80")),
        (&["127.0.0.1", ""], port("")),
        (&["--", "127.0.0.1", "-1"], port("-1")),
        (&["127.0.0.1", "-1"], option("-1")),
        (&["--bogus"], option("--bogus")),
        (&["-x", "127.0.0.1", "--"], option("-x")),
        (&["-"], option("-")),
        (&["a", "1", "2"], "one argument too many: '2'".to_owned()),
        (&["a", "1", "--", "-h"], "one argument too many: '-h'".to_owned()),
    ] {
        for program in PROGRAMS {
            let usage = format!("{program}: {wrong}\nusage: {program} [HOST [PORT]]\n");
            run(&mut our(program, args), "").is(2, "", &usage);
        }
    }
}

/// A name that nobody has, one that only looks like an option, one without an
/// IPv4 address. Labels end at 63 letters, so no name server is asked.
#[test]
fn a_host_without_an_address_ends_them() {
    let (long, option) = ("x".repeat(64), format!("-{}", "x".repeat(64)));
    for (args, status, said) in [
        (&[&long, "21567"][..], number::UNKNOWN_HOST, "failed to lookup address information: "),
        (&["--", &option, "21567"], number::UNKNOWN_HOST, "failed to lookup address information: "),
        (&["::1"], 1, "the name has no IPv4 address\n"),
    ] {
        for program in PROGRAMS {
            let ended = run(&mut our(program, args), "hello\n");
            let host = args.iter().find(|arg| **arg != "--").unwrap();
            // Windows has its own words for a name that is unknown.
            let said = if cfg!(windows) && status != 1 { "" } else { said };
            let call = ["getaddrinfo", "sendto"][usize::from(program == "udp-client")];
            let message = format!("{program}: {call} {host}:21567: {said}");
            assert!(ended.stderr.starts_with(&message), "{}", ended.stderr);
            assert_eq!(ended.stderr.matches('\n').count(), 1);
            assert_eq!(ended.status, status, "{args:?}");
            // As in Python, sendto looks the name up, and so after the prompt.
            let prompt = if program == "udp-client" { "> " } else { "" };
            assert_eq!(ended.screen, prompt);
        }
    }
}
