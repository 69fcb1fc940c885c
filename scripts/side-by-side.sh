#!/usr/bin/env bash
# The Python and the Rust of the programs in two columns, joined on the line
# numbers in main.rs: the number stands between them, + where only Rust has
# something. As wide as the terminal, 80 columns at least.
#
# Usage: scripts/side-by-side.sh [--help] [PROGRAM…]
#        scripts/side-by-side.sh --html
#
#   PROGRAM  tcp-server, tcp-client, udp-server or udp-client [default: all]
#   --html   writes all four as one page, with a diagram and the recorded
#            screens of each pair, and prints its path
#
# It fails where a Python line has no Rust, where the numbers are out of order,
# or where a recorded conversation did not work.
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
shopt -u checkwinsize # COLUMNS is what the caller says
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
need_python

# record PROTOCOL LINES: keeps both screens of a short conversation, in which
# the server prints so many lines.
record() {
    local protocol=$1 lines=$2
    start_server other "$protocol" "$protocol-server" "$bin/$protocol-server" 127.0.0.1
    echo "$port" >"$work/$protocol-port"
    printf '%s\n' 'hello' 'how late is it?' '' >"$work/$protocol-typed"
    client rust "$protocol" "$port" <"$work/$protocol-typed" >"$work/$protocol-client.out"
    wait_for "the server's screen" shows "$work/$protocol-server.out" "$lines"
    end "$pid"
}

if [ "${1-}" = --html ]; then
    shift
    no_more_arguments "$@"
    "$python" -c 'import pygments' 2>/dev/null ||
        die "Pygments is missing; get it with $python -m pip install pygments"
    build
    record tcp 3
    record udp 5
    "$top/scripts/steps.sh" --json tcp >"$work/tcp-steps.json"
    "$top/scripts/steps.sh" --json udp >"$work/udp-steps.json"
    "$python" "$top/scripts/lib/page" "$work" "$work/page.html"
    mv "$work/page.html" "$bin/../side-by-side.html"
    (cd "$bin/.." && echo "$PWD/side-by-side.html")
    exit
fi

programs=(tcp-server tcp-client udp-server udp-client)
for one; do
    [[ " ${programs[*]} " == *" $one "* ]] || wrong_usage "$one"
done
[ $# -eq 0 ] || programs=("$@")
"$python" "$top/scripts/lib/columns.py" ${bold:+--colour} "${programs[@]}"
