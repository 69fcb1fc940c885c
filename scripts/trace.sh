#!/usr/bin/env bash
# Do both languages ask the same of the system? Plays a scenario under strace and prints the calls on
# sockets, Python on the left, Rust on the right: + is what Rust adds, - is Python's own getsockname, by
# which accept makes sure that it got a socket. It exits 1 if they differ otherwise (!). Times and
# ports are masked, and what has no meaning for a program: pointers, the length that the kernel was
# offered, MSG_NOSIGNAL (both languages ignore SIGPIPE, and that is checked).
#
# Usage: scripts/trace.sh [--help] [SCENARIO] [tcp|udp]     [default: hello, over both]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
need_python
need strace 'the package strace of your system'
build
own_network
engine trace "$@"
