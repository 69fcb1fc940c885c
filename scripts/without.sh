#!/usr/bin/env bash
# What is this line for? Takes a line out of a copy of a program, in Python and in Rust, and says
# what happens: when it is compiled, and in a short conversation with the Python program on the other
# side. Without LINE it takes out each line in turn, without PROGRAM in all four programs.
#
# A line's block is removed with it: with `while True:` all that is indented below it. In Rust,
# everything tagged with that line number is removed, except a closing brace whose block remains. If
# a cell begins with a line, the fault shows there (line numbers of the Python file). `E0425` and the
# like are errors of Rust's compiler: nothing runs.
#
# A fault is a line without which something is different. An error of the compiler, an error or a
# warning of the program finds it; another output alone does not, because a person must notice it.
#
# --as-printed removes nothing: it puts in the five lines of the original code that are wrong in
# Python 3, and makes the same mistakes in Rust.
#
# The Rust UDP client waits one second for a reply here, not five. A server without its `bind` would
# listen on every interface, so it is tried only in a network namespace (Linux, unshare).
#
# Usage: scripts/without.sh [--help] [PROGRAM [LINE] | --as-printed]
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
[ $# -le 1 ] || [ "$1" != --as-printed ] || wrong_usage "$2"
[ $# -le 2 ] || wrong_usage "$3"
need cargo 'https://rustup.rs'
need_python
# Cargo says where the libraries are that a copy of main.rs needs: these are rustc's options.
option='s/.*"name":"(common|socket2)".*"filenames":\["([^"]*)".*/--extern=\1=\2/p'
LIBRARIES=$(cd "$top" && cargo build --quiet --package common --message-format json |
    sed -nE "$option") || die 'the build failed'
export LIBRARIES
own_network
engine without "$@"
