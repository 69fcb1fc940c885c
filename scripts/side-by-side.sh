#!/usr/bin/env bash
# The Python and the Rust of the programs in two columns, joined on the line
# numbers in main.rs: the number stands between them, + where only Rust has
# something. As wide as the terminal, 80 columns at least.
#
# Usage: scripts/side-by-side.sh [--help] [PROGRAM…]
#        scripts/side-by-side.sh --html
#
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client [default: all]
#   --html   writes all four as one page, with a diagram and the recorded steps
#            and screens of each pair, and prints its path
#
# It fails where a Python line has no Rust, where the numbers are out of order,
# or where a recorded conversation did not work.
shopt -u checkwinsize # COLUMNS is what the caller says
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
need_python

if [ "${1-}" = --html ]; then
    shift
    no_more_arguments "$@"
    "$python" -c 'import pygments' 2>/dev/null ||
        die "Pygments is missing; get it with $python -m pip install pygments"
    build
    for protocol in tcp udp; do
        "$top/scripts/steps.sh" --json $protocol >"$work/$protocol-steps.json"
    done
    "$python" "$top/scripts/lib/page/build.py" "$work" "$work/page.html"
    mv "$work/page.html" "$bin/../side-by-side.html"
    (cd "$bin/.." && echo "$PWD/side-by-side.html")
    exit
fi

[ $# -gt 0 ] || set -- tcp-server tcp-client udp-server udp-client
for one; do
    [[ ' tcp-server tcp-client udp-server udp-client ' == *" $one "* ]] || wrong_usage "$one"
done
"$python" "$top/scripts/lib/columns.py" ${bold:+--colour} "$@"
