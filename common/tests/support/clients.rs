//! What both clients do alike. The test file that includes this says which `Peer` they talk to.

use super::Peer;
#[cfg(target_os = "linux")]
use super::support::linux::faulty;
use super::support::screens::{PROMPT, assert_reply};
use super::support::{Ended, PROGRAM, PROGRAM_PATH, Running, Server};
use super::support::{command, program_at, run, skip, top};
use common::{BUFSIZ, STAMP_LEN};
use proptest::collection::vec;
use proptest::prelude::*;
use std::env::consts::EXE_SUFFIX;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// A message that a client must send, and its reply; none ends the client.
type Exchange<'a> = (&'a [u8], Option<&'a [u8]>);

/// The screen of a client after these.
fn screen(exchanges: &[Exchange]) -> String {
    let replies = exchanges.iter().filter_map(|(_, reply)| *reply);
    let replies = replies.map(|reply| format!("{}\n{PROMPT}", String::from_utf8_lossy(reply)));
    PROMPT.to_owned() + &replies.collect::<String>()
}

/// Types each line when the client shows the reply to the line before it. The client must send
/// these messages; how did it exit?
fn talk(keys: &[u8], exchanges: &[Exchange]) -> Ended {
    let mut peer = Peer::new();
    let mut client = Running::start(&mut program_at(peer.addr().port()));
    let mut lines = keys.split_inclusive(|key| *key == b'\n');
    for (at, (message, reply)) in exchanges.iter().enumerate() {
        client.shows(&screen(&exchanges[..at]));
        let line = lines.next().unwrap();
        client.type_in(line);
        if !line.ends_with(b"\n") {
            client.end_input();
        }
        peer.expect(message);
        peer.reply(reply.unwrap_or_default());
    }
    for line in lines {
        client.type_in(line);
    }
    let ended = client.finish();
    peer.expect_end();
    ended
}

/// The replies are these lines, as they were typed; the client succeeds with this screen.
fn echoes(keys: &[u8], lines: &[&[u8]], screen: &str) {
    let exchanges: Vec<Exchange> = lines.iter().map(|line| (*line, Some(*line))).collect();
    talk(keys, &exchanges).is_well(screen);
}

#[test]
fn an_empty_line_the_end_of_input_or_an_empty_reply_ends_it_with_0() {
    echoes(b"\nnever sent\n", &[], "> ");
    echoes(b"", &[], "> \n");
    echoes(b"first\nlast", &[b"first", b"last"], "> first\n> last\n> \n");
    talk(b"hello\nnever sent\n", &[(b"hello", None)]).is_well("> ");
}

/// The line end is one `\n`; on Windows also one `\r` before it.
#[test]
fn only_the_line_end_is_removed() {
    let lines: [&[u8]; 4] = [b"  two  spaces ", b"\ta tab\t", b"\0", b" "];
    let screen = ">   two  spaces \n> \ta tab\t\n> \0\n>  \n> ";
    let keys = [lines.join(b"\n".as_slice()).as_slice(), b"\n\n"].concat();
    echoes(&keys, &lines, screen);
    if cfg!(windows) {
        echoes(b"dos\r\r\n\r\n", &[b"dos\r"], "> dos\r\n> ");
    } else {
        echoes(b"dos\r\n\r\n\n", &[b"dos\r", b"\r"], "> dos\r\n> \r\n> ");
    }
}

/// Three bytes of one letter in three replies are three replacement characters.
#[test]
fn bytes_that_are_not_utf8_are_sent_unchanged_and_shown_replaced() {
    let line = b"caf\xe9 \xff \x1b[2J\x07\x08\x7f";
    echoes(line, &[line], "> caf\u{fffd} \u{fffd} \x1b[2J\x07\x08\x7f\n> \n");
    let bytes = [b"\xe2".as_slice(), b"\x98", b"\x83"];
    echoes(&bytes.join(&b'\n'), &bytes, "> \u{fffd}\n> \u{fffd}\n> \u{fffd}\n> \n");
}

#[test]
fn a_line_whose_reply_does_not_fit_is_sent_with_a_warning() {
    for length in [1, 997, 998, 3000] {
        let line = vec![b'x'; length];
        let exchange = (line.as_slice(), Some(&line[..length.min(BUFSIZ)]));
        let warning = format!(
            "{PROGRAM}: warning: this line is {length} bytes; above 997, \
             the reply does not fit in 1024 bytes\n"
        );
        let warning = if length > 997 { warning } else { String::new() };
        talk(&line, &[exchange]).is(0, &format!("{}\n", screen(&[exchange])), &warning);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: if cfg!(windows) { 5 } else { 50 }, // Wine takes a quarter of a second to start it
        max_shrink_iters: 50,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]
    #[test]
    fn any_conversation_ends_as_the_model_says(
        mut exchanges in vec(
            (
                vec(any::<u8>().prop_filter("one line", |byte| !b"\r\n".contains(byte)), 1..=1500),
                prop::option::weighted(0.9, vec(any::<u8>(), 1..=BUFSIZ)),
            ),
            0..8,
        ),
        empty_line in any::<bool>(),
    ) {
        let lines = exchanges.iter().map(|(line, _)| [line, b"\n".as_slice()].concat());
        let end = if empty_line { "\nnever sent\n" } else { "" };
        let keys = [&lines.collect::<Vec<_>>().concat(), end.as_bytes()].concat();
        let empty_reply = exchanges.iter().position(|(_, reply)| reply.is_none());
        exchanges.truncate(empty_reply.map_or(exchanges.len(), |at| at + 1));
        let expected = exchanges.iter().map(|(line, reply)| (line.as_slice(), reply.as_deref()));
        let expected: Vec<Exchange> = expected.collect();
        let newline = if empty_line || empty_reply.is_some() { "" } else { "\n" };
        let long = expected.iter().filter(|(line, _)| line.len() > BUFSIZ - STAMP_LEN).count();
        let ended = talk(&keys, &expected);
        prop_assert_eq!(ended.stderr.lines().count(), long, "{}", &ended.stderr);
        ended.is(0, &(screen(&expected) + newline), &ended.stderr);
    }
}

/// In a copy of the program; under Wine there is no cargo to build it.
#[test]
#[cfg(unix)]
fn a_bufsiz_of_its_own_rules_the_program() {
    let name = format!("{PROGRAM}-64");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
    fs::create_dir_all(folder.join("src")).unwrap();
    let program = fs::read_to_string("src/main.rs").unwrap();
    let program = program.replace("use common::BUFSIZ;", "const BUFSIZ: usize = 64;");
    fs::write(folder.join("src/main.rs"), program).unwrap();
    let common = top().canonicalize().unwrap().join("common");
    let manifest = format!(
        "package = {{ name = {name:?}, edition = \"2024\" }}
        dependencies = {{ common = {{ path = {common:?} }}, socket2 = \"*\" }}
        workspace = {{}}"
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(top().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();

    let mut peer = Peer::new();
    let mut cargo = command(env!("CARGO"), &["run", "--quiet", "--offline", "--manifest-path"]);
    cargo
        .arg(folder.join("Cargo.toml"))
        .arg("--target-dir")
        .arg(folder.ancestors().nth(2).unwrap());
    let client = Running::start(cargo.args(["127.0.0.1", &peer.addr().port().to_string()]));
    client.type_in("x".repeat(38) + "\n");
    peer.expect(&[b'x'; 38]);
    peer.reply(&[b'y'; 65]);
    client.shows(&format!("{PROMPT}{}\n{PROMPT}", "y".repeat(64)));
    let warning = "warning: this line is 38 bytes; above 37, the reply does not fit in 64 bytes\n";
    assert_eq!(client.stderr(), format!("{name}: {warning}"));
}

/// Cargo builds the server too, beside the client, if it builds the whole workspace.
#[test]
fn it_talks_to_the_server_in_rust() {
    let name = PROGRAM.replace("client", "server");
    let path = Path::new(PROGRAM_PATH).with_file_name(format!("{name}{EXE_SUFFIX}"));
    let time = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    let sources = ["common/src", &format!("{name}/src")].map(|folder| top().join(folder));
    let sources = sources.iter().flat_map(|folder| fs::read_dir(folder).unwrap());
    if time(&path) < sources.map(|source| time(&source.unwrap().path())).max().unwrap() {
        return skip("this needs the server as it is now (cargo test --workspace)");
    }
    let server = Running::start(&mut command(path, &["127.0.0.1", "0"]));
    let server = Server::announced(server);
    let since = SystemTime::now();
    let ended = run(&mut program_at(server.addr.port()), "hello\n\n");
    ended.is_well(&ended.screen);
    let reply = ended.screen.strip_prefix(PROMPT).and_then(|text| text.strip_suffix("\n> "));
    assert_reply(reply.expect(&ended.screen).as_bytes(), b"hello", since);
}

#[test]
#[cfg(target_os = "linux")]
fn it_receives_again_after_an_interrupted_call() {
    let mut peer = Peer::new();
    let fault = "recvfrom:error=EINTR:when=1";
    let Some(mut client) = faulty(&program_at(peer.addr().port()), fault) else {
        return;
    };
    let client = Running::start(&mut client);
    client.type_in("hello\n\n");
    peer.expect(b"hello");
    peer.reply(b"hello");
    client.finish().is_well("> hello\n> ");
}

#[test]
#[cfg(target_os = "linux")]
fn a_standard_input_that_cannot_be_read_ends_it_with_21() {
    let peer = Peer::new();
    let folder = ["-c", "exec \"$0\" 127.0.0.1 \"$1\" </", PROGRAM_PATH];
    let ended = run(command("sh", &folder).arg(peer.addr().port().to_string()), "");
    ended.failed_with(21, "read standard input");
    assert_eq!(ended.screen, PROMPT);
}
