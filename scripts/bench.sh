#!/usr/bin/env bash
# How much faster is Rust? Runs the Rust programs and their Python halves side by
# side, in turns, and prints figures and ratios: round trips a second over TCP and
# UDP, time in the program itself, peak memory, start-up, size on disk. It takes at
# most two minutes, and exits with 1 where a reply is wrong or a limit is broken: 2.2
# MiB of memory for a server; on disk 420 KiB for a server, 320 KiB for a client. No
# limit is on a time. The Python servers write line by line, as on a terminal.
#
# Usage: scripts/bench.sh [--help] [--quick]
#   --quick  only checks, in seconds, that all works; its numbers are rough
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
[ "${1---quick}" = --quick ] || wrong_usage "$1"
[ $# -le 1 ] || wrong_usage "$2"

[ -r /proc/self/stat ] || die 'this needs Linux: it reads /proc'
need_python
build
rustc --edition 2024 -O -o "$work/load" "$top/scripts/lib/load.rs" ||
    die 'the load generator did not build'
engine bench "$work" "$@"
