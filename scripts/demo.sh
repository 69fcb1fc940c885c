#!/usr/bin/env bash
# The four programs in Rust at work: builds them, starts each server on a free port of 127.0.0.1,
# lets the client hold a short conversation with it, over TCP and then over UDP, and shows the
# output of all four.
#
# Usage: scripts/demo.sh [--help]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
[ $# -eq 0 ] || wrong_usage "$1"

work=$(mktemp -d)
server=''
clean_up() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# wait_for_lines COUNT: waits until the server has written so many, at most 60 seconds.
wait_for_lines() {
    local end=$((SECONDS + 60))
    until [ "$(wc -l <"$work/server")" -ge "$1" ]; do
        kill -0 "$server" 2>/dev/null || die "the server has exited: $(cat "$work/messages")"
        [ $SECONDS -lt $end ] || die "timed out waiting for the server: $(cat "$work/messages")"
        sleep 0.02
    done
}

# show NAME: prints an output with the program's name before each line.
show() {
    awk -v name="$DIM$protocol-$1$PLAIN" '{ print name "  " $0 }' "$work/$1"
}

converse() {
    local protocol=$1 lines=$2 port
    : >"$work/server"
    "$BIN/$protocol-server" 127.0.0.1 0 >"$work/server" 2>"$work/messages" </dev/null &
    server=$!
    wait_for_lines 1
    port=$(sed -n 's/.* bound to 127.0.0.1://p' "$work/messages")
    printf '%s── %s in Rust, on 127.0.0.1:%s%s\n' "$BOLD" "$protocol" "$port" "$PLAIN"
    # As on a terminal, where what is typed is behind the prompt.
    printf 'hello\nwhat time is it?\n\n' | "$BIN/$protocol-client" 127.0.0.1 "$port" |
        awk '/^> \[/ { print "> " substr($0, 30); $0 = substr($0, 3) } { print }' >"$work/client"
    wait_for_lines "$lines"
    kill "$server"
    wait "$server" 2>/dev/null || true
    server=''
    show client
    show server
    [ "$(grep -Ec '^\[.{24}\] (hello|what time is it\?)$' "$work/client")" = 2 ] ||
        die 'the client did not get two replies'
}

build
converse tcp 3
converse udp 5
