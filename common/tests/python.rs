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

/// Who holds a conversation, and with what in mind.
struct Pair<'a> {
    protocol: &'a str,
    ours: [bool; 2], // the server, the client
    input: &'a str,
}

impl Pair<'_> {
    fn name(&self) -> String {
        let [server, client] = self.ours.map(|ours| if ours { "Rust" } else { "Python" });
        let protocol = self.protocol;
        format!("the {protocol} server in {server}, the client in {client}")
    }

    /// Holds the conversation. Returns the screens of server and client, with TIME and,
    /// for the port that the client has, PORT.
    fn screens(&self) -> [String; 2] {
        let [server, client] = ["server", "client"].map(|side| format!("{}-{side}", self.protocol));
        let server = match self.ours[0] {
            true => Server::start(&server),
            false => python_server(&server),
        };
        let port = server.addr.port();
        let mut command = match self.ours[1] {
            true => our_at(&client, port),
            false => python(&client, port),
        };
        let mut client = Running::start(&mut command);
        client.type_in(self.input);
        let lines = self.input.matches('\n').count();
        client.wait_until("all replies", |client| client.screen().matches('\n').count() == lines);
        let port = client.port(&format!("net/{}", self.protocol));
        client.type_in("\n");
        let ended = client.finish();
        let well = (ended.status, ended.stderr.as_str()) == (0, "");
        assert!(well, "{}: {}", self.name(), ended.stderr);
        let shown = match self.protocol {
            "tcp" => 3,
            _ => 2 * lines + 1,
        };
        server
            .program
            .wait_until("all its lines", |server| server.screen().matches('\n').count() >= shown);
        let shown = String::from_utf8(server.program.end().stdout).unwrap();
        [masked(&shown, port), masked(&ended.screen(), port)]
    }
}

/// A line for every kind of text that Python takes too, then some at random.
fn no_pair_differs(protocol: &str) {
    let not_an_end = any::<char>().prop_filter("one line", |c| *c != '\n');
    let line = prop::collection::vec(not_an_end, 1..=200).prop_map(String::from_iter);
    let lines = prop::collection::vec(line, 400);
    let fits = "x".repeat(common::BUFSIZ - common::STAMP_LEN);
    let fixed =
        format!("hello\n  two  spaces\tand a tab \nGr\u{fc}\u{df}e \u{2603}\n\r\n[\n{fits}\n");
    draw::check_some(1, lines, |lines| {
        let input = &format!("{fixed}{}\n", lines.join("\n"));
        let pair = |ours| Pair { protocol, ours, input };
        let pythons = pair([false, false]).screens();
        let name = pair([false, false]).name();
        let first = match protocol {
            "tcp" => [TCP_WAITING, &connected_from(9), TCP_WAITING].concat(),
            _ => [UDP_WAITING, &returned_to(9), UDP_WAITING].concat(),
        };
        let shown: String = pythons[0].split_inclusive('\n').take(3).collect();
        same(&format!("{name}: the server's screen"), shown, masked(&first, 9));
        let hello = [format!("{PROMPT}[TIME] ").into_bytes(), answer(b"hello")].concat();
        let shown = pythons[1].lines().next().unwrap();
        same(&format!("{name}: the client's screen"), shown, hello);
        for ours in [[false, true], [true, false], [true, true]] {
            let pair = pair(ours);
            let screens = pair.screens().into_iter().zip(&pythons);
            for ((ours, pythons), whose) in screens.zip(["server", "client"]) {
                same(&format!("{}: the {whose}'s screen", pair.name()), ours, pythons);
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
