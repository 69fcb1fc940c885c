#!/usr/bin/env bash
# The four programs at work: builds them, starts each server on a free port of
# 127.0.0.1, lets the client hold a short conversation with it, over TCP and
# then over UDP, and shows all four screens.
#
# Usage: scripts/demo.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

converse() {
    local protocol=$1 lines=$2
    start_server rust "$protocol" server
    title "$protocol on 127.0.0.1 port $port"
    printf 'hello\nhow late is it?\n\n' |
        half client rust "$protocol" "$port" >"$work/client.out"
    wait_for "the server's screen" shows "$work/server.out" "$lines"
    end "$pid"

    # As on a terminal, where what is typed stands behind the prompt.
    awk '/^> \[/ { print "> " substr($0, 30); $0 = substr($0, 3) } { print }' \
        "$work/client.out" >"$work/client.screen"
    labelled "$protocol-client" "$work/client.screen"
    echo
    labelled "$protocol-server" "$work/server.out"
    echo
    grep -Eq '^> \[.{24}\] hello$' "$work/client.out" || die 'the client got no reply'
    grep -Eq '^> \[.{24}\] how late is it\?$' "$work/client.out" || die 'the client got one reply only'
}

build
converse tcp 3
converse udp 5
