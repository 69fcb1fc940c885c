#!/usr/bin/env bash
# What does that error number mean? Makes the four programs fail in every way that is easy to
# arrange, in Python and in Rust, and prints a table: the failure, the error number in Python's
# exception, the exit status in Rust, and the name and text of that number in Python.
#
# It exits 1 if Rust's exit status or message has another call, address, number or text. If the
# system has no number for a failure, Rust's is 1 (an unknown host) or 2 (an impossible port).
# Nothing leaves this machine, except the DNS query for the unknown host.
#
# Usage: scripts/errors.sh [--help]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
[ $# -eq 0 ] || wrong_usage "$1"
need_python
build
export RES_OPTIONS='timeout:1 attempts:1' # do not ask long for the unknown host
engine errors
