#!/usr/bin/env bash
# What is this line for? Takes a line out of a copy of a program, in Python and in
# Rust, and says what happens then: found by compiling it, and by a short
# conversation with the untouched Python half on the other side. Without LINE it
# takes out each line in turn, without PROGRAM it does so in all four programs.
#
# A block goes with its head: with `while True:` goes all that is indented below
# it. In Rust goes all that has the number of the line, but for a closing
# brace whose block stays. A cell begins with the line where the fault shows, by the
# numbers of the Python file. `E0425` and the like are errors of Rust's compiler:
# nothing runs. `waits for ever` says that it sleeps, and 2.5 seconds later still.
#
# A fault is a line without which one of the two does something else: it does not
# compile, ends with an error, warns, waits for ever, or shows something else. Where
# no screen differs, the kernel is asked: CLOSE-WAIT says that the client has closed
# its end of the connection and the server has not. An error or a warning of the
# program itself finds a fault; a screen alone does not, for who looks at it?
#
# With --as-printed it takes out nothing: it puts the five lines of the listings that
# Python 3 does not take back as they were printed, and makes the same mistake in Rust.
#
# Two things differ from a plain run: each program is on a free port of 127.0.0.1,
# and Rust's UDP client waits for a reply for one second instead of five. A server
# without its `bind` would listen on every interface: it is tried only where the
# system can give this script a network of its own (Linux, `unshare`).
#
# Usage: scripts/without.sh [--help] [PROGRAM [LINE] | --as-printed]
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
case ${1-udp-client} in
    tcp-server | tcp-client | udp-server | udp-client) ;;
    --as-printed) [ $# -eq 1 ] || wrong_usage "$2" ;;
    *) wrong_usage "$1" ;;
esac
if [ $# -gt 1 ]; then
    seq "$(wc -l <"$top/$1/${1/-/_}.py")" | grep -qxFe "$2" || wrong_usage "$2"
fi
[ $# -le 2 ] || wrong_usage "$3"
need cargo 'https://rustup.rs'
need_python

# The libraries that a copy of main.rs needs; cargo says where they are.
(cd "$top" && cargo build --quiet --package common --message-format json) >"$work/built" ||
    die 'the build failed'

own_network
engine without "$work" "$@"
