#!/usr/bin/env bash
# What if the server dies, and why does Python's then refuse to start again? Ends a
# conversation in two ways, looks at what the kernel keeps of both ends, and starts
# a server on the same port: each language after each.
#
# Where the server is killed, the kernel ends the conversation in its place, and
# keeps that end, which holds the port, for about a minute. Linux gives the port to
# a new server only if both the old one and the new one have set SO_REUSEADDR:
# Rust's have, Python's have not. Where the client leaves first, only the client's
# end is kept (TIME-WAIT), and every server starts again.
#
# Usage: scripts/restart.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

reply=$'> [TIME] hello\n> '
row='%-8s%-14s%-14s%-8s%s\n'

# kept SERVER CLIENT: whether these are the states in which the two ends are kept.
kept() {
    [ "$1 $2" = "$("$python" "$top/scripts/lib/sockets.py" "$port" | awk '
        BEGIN { state["server"] = state["client"] = "-" }
        $2 != "LISTEN" { state[$1] = $2 }
        END { print state["server"], state["client"] }')" ]
}

# start_again LANGUAGE: starts a server on $port, and sets $says to its first line,
# or to why it ended.
start_again() {
    : >"$work/again.out"
    half server "$1" tcp "$port" exec >"$work/again.out" 2>"$work/again.err" &
    pid=$!
    started+="$pid "
    wait_for 'the new server' serves_or_ended "$work/again.out"
    end "$pid"
    says=$(tail -n 1 "$work/again.err")
    says=${says##*: }
    [ -n "$says" ] || says="serves: $(<"$work/again.out")"
}

# Two ways to end a conversation.
kill_server() {
    kill -KILL "$pid"
    status_of "$pid"
}
client_leaves_first() {
    type_in client ''
    wait_for 'both ends to be closed' kept - TIME-WAIT
    kill_server
}

# rows HOW SERVER CLIENT: for all pairs of servers, how a conversation is ended, and
# the states in which the kernel then keeps its ends.
rows() {
    local before after expected
    # shellcheck disable=SC2059  # a format for all rows
    printf "$bold$row$plain" before "server's end" "client's end" after 'what the new server says'
    for before in python rust; do
        for after in python rust; do
            start_server "$before" tcp server
            start_client client "$before" tcp "$port"
            type_in client hello
            wait_for 'the reply' reads "$work/client.out" "$reply"
            "$1"
            wait_for "$2 and $3" kept "$2" "$3"
            start_again "$after"
            # shellcheck disable=SC2059
            printf "$row" "$before" "$2" "$3" "$after" "$says"
            case $1-$before-$after in
                client* | *rust-rust) expected='serves: waiting for connecting...' ;;
                *rust) expected='Address already in use (os error 98)' ;;
                *) expected='[Errno 98] Address already in use' ;;
            esac
            [ "$says" = "$expected" ] || die "expected: $expected"
            [ "$1" != kill_server ] || type_in client 'are you there?'
            status_of "$client"
            [ "$status" -eq 0 ] || die "the client ended with $status, not 0"
            reads "$work/client.out" "$reply" || die 'the client shows something else'
        done
    done
}

[ "$(uname)" = Linux ] || die 'this needs Linux, for its rules and /proc/net/tcp'
need_python
build
title 'the server is killed in mid-conversation'
rows kill_server FIN-WAIT-2 CLOSE-WAIT
echo 'each client types on, hears that the conversation is over, and ends with 0'
title 'the client leaves first, then the server is killed'
rows client_leaves_first - TIME-WAIT
