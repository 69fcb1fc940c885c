#!/usr/bin/env bash
# Who may close first? What if the server dies, and why does Python's then refuse to
# start again? Ends a conversation in four ways and shows, by the kernel's table, what
# becomes of its two ends; then starts a server on the same port, each language after
# each. The numbers are the lines of the programs.
#
# Who closes first keeps its end for about a minute (TIME-WAIT), as packets may still
# be late; the other's is in CLOSE-WAIT until it closes too. A program that ends or is
# killed closes as well, as its kernel does it; but where it has left a line unread,
# its kernel resets the connection, and neither end is kept.
#
# What is kept at the server's end keeps its port. Linux gives it to a new server only
# if both, the old one and the new one, have set SO_REUSEADDR: Rust's do, Python's do not.
#
# Usage: scripts/who-closes.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

row='%-43s%-14s%s\n'
reply=$'> [TIME] hello\n> '
show='' answers='' table='' # whether the steps are shown; what the new servers did

# kept CLIENT SERVER: whether the kernel has the two ends in these states.
kept() {
    [ "$1, $2" = "$("$python" "$top/scripts/lib/sockets.py" "$port" | awk '
        BEGIN { end["client"] = end["server"] = "-" }
        $2 != "LISTEN" { end[$1] = $2 ($2 == "ESTABLISHED" && $3 ? ", " $3 " unread" : "") }
        END { print end["client"] ", " end["server"] }')" ]
}

# step WHAT CLIENT SERVER: waits until what was done has led to these states.
step() {
    wait_for "$2 at the client, $3 at the server" kept "$2" "$3"
    # shellcheck disable=SC2059  # a format for all rows
    [ -z "$show" ] || printf "$row" "$@"
}

# hold_back: the server stands still, so that it can be seen what it has not read.
hold_back() {
    kill -STOP "$pid"
    wait_for 'the server to stand still' grep -q '^State:.T' "/proc/$pid/status"
}

# start_again SERVER: starts a server of the language $after where the kernel keeps
# this of the server before, and notes in $answers what becomes of it.
start_again() {
    local answer=serves expected=98
    : >"$work/again.out"
    half server "$after" tcp "$port" exec >"$work/again.out" 2>"$work/again.err" &
    pid=$!
    started+="$pid "
    wait_for 'the new server' serves_or_ended "$work/again.out"
    end "$pid"
    [ -s "$work/again.out" ] ||
        answer=$(sed -nE '$s/.*(Errno|os error) ([0-9]+).*/\2/p' "$work/again.err")
    case $1-$before-$after in --* | *-rust-rust) expected=serves ;; esac
    [ "$answer" = "$expected" ] || die "$1, $after after $before: $answer, not $expected"
    answers+=" $answer"
}

# client_ends: the client must end well, and must not have shown any more.
client_ends() {
    status_of "$client"
    [ "$status" -eq 0 ] || die "the client ended: $(tail -n 1 "$work/client.err")"
    reads "$work/client.out" "$reply" || die 'the client shows something else'
}

client_first() {
    hold_back
    type_in client ''
    client_ends
    step 'client: close (19); server: is held back' FIN-WAIT-2 CLOSE-WAIT
    kill -CONT "$pid"
    step 'server: recv (17): nothing; close (21)' TIME-WAIT -
    end "$pid"
    start_again -
}
server_first() {
    end "$pid"
    step 'server: ends, so its kernel closes' CLOSE-WAIT FIN-WAIT-2
    type_in client ''
    client_ends
    step 'client: close (19)' - TIME-WAIT
    start_again TIME-WAIT
}
client_stays() {
    kill -KILL "$pid"
    end "$pid"
    step 'server: is killed, so its kernel closes' CLOSE-WAIT FIN-WAIT-2
    start_again FIN-WAIT-2
    type_in client 'are you there?'
    client_ends
    step 'client: send (14); recv (15): nothing' - -
}
line_unread() {
    hold_back
    type_in client 'are you there?'
    step 'client: send (14); server: is held back' ESTABLISHED 'ESTABLISHED, 14 unread'
    kill -KILL "$pid"
    end "$pid"
    status_of "$client"
    grep -Eq '(Errno|os error) 104\b' "$work/client.err" || die 'the client heard of no reset'
    step 'server: is killed; client: recv (15): 104' - -
    start_again -
}

# talk_and WAY WHAT: holds a conversation and ends it in one of these ways, for all
# pairs of servers, and shows the steps of the first.
talk_and() {
    title "$2"
    show=yes answers=''
    # shellcheck disable=SC2059
    printf "$bold$row$plain" '' "client's end" "server's end"
    for before in python rust; do
        for after in python rust; do
            start_server "$before" tcp server
            start_client client "$before" tcp "$port"
            type_in client hello
            wait_for 'the reply' reads "$work/client.out" "$reply"
            step 'a line has been answered' ESTABLISHED ESTABLISHED
            "$1"
            show=''
        done
    done
    # shellcheck disable=SC2086  # four words
    printf -v table '%s%-48s%-8s%-8s%-8s%s\n' "$table" "$2" $answers
}

[ "$(uname)" = Linux ] || die 'this needs Linux, for its rules and /proc/net/tcp'
need_python
build
talk_and client_first 'the client closes first'
talk_and server_first 'the server closes first'
talk_and client_stays 'the server is killed, the client stays'
talk_and line_unread 'the server is killed, a line is unread'
title 'a new server on the port of the old one'
printf "$bold%48s%-8s%-8s%-8s%s$plain\n" 'the old one: ' Python Python Rust Rust \
    'the new one: ' Python Rust Python Rust
printf '%s98: Address already in use\n' "$table"
