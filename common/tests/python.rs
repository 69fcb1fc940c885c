//! Every pair of client and server, Rust and Python, shows the same screens.
#![cfg(target_os = "linux")]

#[path = "support/draw.rs"]
mod draw;
mod support;

use proptest::prelude::*;
use support::linux::{python, python_server};
use support::screens::{
    PROMPT, TCP_WAITING, UDP_WAITING, answer, connected_from, masked, returned_to,
};
use support::{Running, Server, our_at, same};

/// Who holds a conversation.
fn name(protocol: &str, [server, client]: [&str; 2]) -> String {
    format!("the {protocol} server in {server}, the client in {client}")
}

/// Holds a conversation between two halves, `Python` or `Rust`. Returns the screens of
/// server and client, with TIME and, for the port that the client has, PORT.
fn screens(protocol: &str, halves: [&str; 2], input: &str) -> [String; 2] {
    let [server, client] = ["server", "client"].map(|side| format!("{protocol}-{side}"));
    let server = match halves[0] {
        "Rust" => Server::start(&server),
        _ => python_server(&server),
    };
    let port = server.addr.port();
    let mut client = Running::start(&mut match halves[1] {
        "Rust" => our_at(&client, port),
        _ => python(&client, port),
    });
    client.type_in(input);
    let replies = input.matches('\n').count();
    client.wait_until("all replies", |client| client.screen().matches('\n').count() == replies);
    let port = client.port(&format!("net/{protocol}"));
    client.type_in("\n");
    let ended = client.finish();
    let well = (ended.status, ended.stderr.as_str()) == (0, "");
    assert!(well, "{}: {}", name(protocol, halves), ended.stderr);
    let lines = match protocol {
        "tcp" => 3,
        _ => 2 * replies + 1,
    };
    server
        .program
        .wait_until("all its lines", |server| server.screen().matches('\n').count() >= lines);
    [server.program.end(), ended].map(|ended| masked(&ended.screen, port))
}

/// A line for every kind of text that Python takes too, then some at random.
fn no_pair_differs(protocol: &str) {
    let not_an_end = any::<char>().prop_filter("one line", |c| *c != '\n');
    let line = prop::collection::vec(not_an_end, 1..=200).prop_map(String::from_iter);
    let lines = prop::collection::vec(line, 400);
    let fits = "x".repeat(common::BUFSIZ - common::STAMP_LEN);
    let fixed =
        format!("hello\n  two  spaces\tand a tab \nGr\u{fc}\u{df}e \u{2603}\n\r\n[\n{fits}\n");
    draw::check(1, lines, |lines| {
        let input = format!("{fixed}{}\n", lines.join("\n"));
        let pythons = screens(protocol, ["Python", "Python"], &input);
        let first = match protocol {
            "tcp" => [TCP_WAITING, &connected_from(9), TCP_WAITING].concat(),
            _ => [UDP_WAITING, &returned_to(9), UDP_WAITING].concat(),
        };
        let shown: String = pythons[0].split_inclusive('\n').take(3).collect();
        let both = name(protocol, ["Python", "Python"]);
        same(&format!("{both}: the server's screen"), shown, masked(&first, 9));
        let hello = [format!("{PROMPT}[TIME] ").into_bytes(), answer(b"hello")].concat();
        let shown = pythons[1].lines().next().unwrap();
        same(&format!("{both}: the client's screen"), shown, hello);
        for halves in [["Python", "Rust"], ["Rust", "Python"], ["Rust", "Rust"]] {
            let screens = screens(protocol, halves, &input).into_iter().zip(&pythons);
            for ((shown, pythons), whose) in screens.zip(["server", "client"]) {
                same(&format!("{}: the {whose}'s screen", name(protocol, halves)), shown, pythons);
            }
        }
    });
}

#[test]
fn nobody_can_tell_which_half_of_a_tcp_pair_is_python() {
    no_pair_differs("tcp");
}

#[test]
fn nobody_can_tell_which_half_of_a_udp_pair_is_python() {
    no_pair_differs("udp");
}
