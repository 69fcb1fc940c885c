#!/usr/bin/env bash
# How fast is Rust? Gives the servers in both languages the same load in turns, for about a minute, and
# prints the time in the program itself (without the kernel), the peak memory, the ratios, and the size
# of the four Rust programs. It exits 1 if a reply is wrong, or if a figure is more than a tenth above
# what was measured with Rust 1.95 on x86-64: for a server 2,060 KiB of memory and 420 KiB on disk, for
# a client 316 KiB on disk. No limit is on a time.
#
# Usage: scripts/bench.sh [--help] [--quick]
#   --quick  only checks, in seconds, that all works; its figures are rough
[ "${BASH_VERSION-}" ] || exec bash "$0" "$@" # `sh` may be another shell
source "$(cd "$(dirname "$0")" && cd "$(dirname "$(readlink "${0##*/}")")" && pwd)/stage/door.sh" || exit
[ "${1---quick}" = --quick ] || wrong_usage "$1"
[ $# -le 1 ] || wrong_usage "$2"
[ -r /proc/self/stat ] || die 'this needs Linux: it reads /proc'
need_python
build
engine bench "$@"
