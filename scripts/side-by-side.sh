#!/usr/bin/env bash
# The Python and the Rust programs in two columns, joined by the tags in main.rs: the line number
# is between them, + if only Rust has something. As wide as the terminal, at least 80 columns.
# Where a changed program has no counterpart, the other column is empty.
#
# Usage: scripts/side-by-side.sh [--help] [PROGRAM…]
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client [default: all]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
need_python
engine side-by-side "$@"
