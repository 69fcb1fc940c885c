#!/usr/bin/env bash
# The Python and the Rust programs in two columns, joined by the tags in main.rs: the line number
# is between them, + if only Rust has something. As wide as the terminal, at least 80 columns.
# Where a changed program has no counterpart, the other column is empty.
#
# Usage: scripts/side-by-side.sh [--help] [PROGRAM…]
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client [default: all]
shopt -u checkwinsize # COLUMNS is what the caller says
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
[ $# -gt 0 ] || set -- tcp-server tcp-client udp-server udp-client
for one; do
    [[ ' tcp-server tcp-client udp-server udp-client ' == *" $one "* ]] || wrong_usage "$one"
done
need_python
engine join ${BOLD:+--colour} "$@"
