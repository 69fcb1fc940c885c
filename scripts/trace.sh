#!/usr/bin/env bash
# Is it really the same, down to the system? Runs the Python pair and the Rust
# pair, server and client, under strace with the same input, and prints the
# network calls that each asks the kernel for: Python's left, Rust's right.
#
#   +  what Rust adds: the TCP server's SO_REUSEADDR, the UDP client's SO_RCVTIMEO
#   -  Python's own getsockname, which asks what kind of socket accept returned
#   !  any other call that is missing, added, in another order or has other
#      arguments; then it exits 1
#
# Times and the client's port are masked. Also alike count pointers, the way strace
# writes the length of a buffer, and over UDP the flag MSG_NOSIGNAL of Rust's
# send_to. It asks for no SIGPIPE, which both languages ignore as a whole: each of
# the programs is seen to do so.
#
# Both sides get the address 127.0.0.1: to look a name up is the work of the C
# library, and its calls would hide these. Their port is shown as 21567.
#
# Usage: scripts/trace.sh [--help] [tcp|udp]
shopt -u checkwinsize # COLUMNS is what the caller says
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
[ $# -gt 0 ] || set -- tcp udp
for arg; do
    [[ $arg == tcp || $arg == udp ]] || wrong_usage "$arg"
done
need strace 'the package strace of your system, which must be Linux'
need_python
build
engine syscalls "$work" "$@"
