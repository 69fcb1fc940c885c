#!/usr/bin/env bash
# Is it really the same? Runs the eight pairings of Rust and Python, server and
# client, TCP and UDP, with the same input, and compares both screens with those
# of Python with Python. Times and ports are masked; all else must be equal to
# the byte, every program must end well, and none may complain.
#
# A row says "as Python" where a screen is the same; where one is not, the
# difference follows (- is Python's line, + the other one) and the exit status
# is 1.
#
# Usage: scripts/interop.sh [--help]
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

# A line for every kind of text that Python takes; 997 bytes are the most that
# come back whole. The empty line ends the client.
printf -v fits '%997s' ''
messages=('hello' $'  two  spaces\tand a tab ' 'Grüße ☃ 你好' $'\r' "${fits// /x}" '[')
printf '%s\n' "${messages[@]}" '' >"$work/keys"

# converse PROTOCOL SERVER CLIENT: leaves the masked screens in
# $work/PROTOCOL-SERVER-CLIENT.server and .client.
converse() {
    local protocol=$1 lines name="$1-$2-$3" status=0
    case $protocol in
        tcp) lines=3 ;; # waits, is connected, waits again
        udp) lines=$((2 * ${#messages[@]} + 1)) ;;
    esac
    start_server "$2" "$protocol" server
    client "$3" "$protocol" "$port" <"$work/keys" >"$work/out" 2>"$work/err" || status=$?
    [ ! -s "$work/err" ] || labelled 'the client:' "$work/err" >&2
    [ $status -eq 0 ] || die "$name: the client ended with $status"
    [ ! -s "$work/err" ] || die "$name: the client complained"
    wait_for "the server's screen" shows "$work/server.out" "$lines"
    end "$pid"
    ! grep -v ' bound to 127\.0\.0\.1:' "$work/server.err" >"$work/err" ||
        die "$name: the server complained: $(<"$work/err")"
    masked "$work/out" >"$work/$name.client"
    masked "$work/server.out" >"$work/$name.server"
}

# compared NAME SIDE: compares a screen with Python's; a cell of the table.
compared() {
    local reference="$work/${1%%-*}-python-python.$2" screen="$work/$1.$2"
    if [ "$reference" = "$screen" ]; then
        cell "$dim" reference
    elif cmp -s "$reference" "$screen"; then
        cell "$green" 'as Python'
    else
        cell "$red" 'NOT as Python'
        printf '\nthe screen of the %s, %s:\n' "$2" "$1" >>"$work/differences"
        diff -U 0 "$reference" "$screen" | tail -n +3 |
            sed $'s/\r/\\\\r/g' >>"$work/differences" || true
    fi
}

# cell COLOUR TEXT
cell() {
    printf '  %s%-15s%s' "$1" "$2" "$plain"
}

need_python
build
: >"$work/differences"
title 'Python and Rust, all eight pairings'
for protocol in tcp udp; do
    converse "$protocol" python python
    # The measure itself: a stamped reply for every message.
    replies=$(printf '> [TIME] %s\n' "${messages[@]}")
    [ "$(<"$work/$protocol-python-python.client")" = "$replies"$'\n> ' ] ||
        die "$protocol: Python's own client does not show a reply to every message"
done
printf '%s%-6s%-8s%-8s  %-15s  %s%s\n' "$bold" \
    '' server client "client's screen" "server's screen" "$plain"
for protocol in tcp udp; do
    for server in python rust; do
        for client in python rust; do
            name=$protocol-$server-$client
            [ "$name" = "$protocol-python-python" ] || converse "$protocol" "$server" "$client"
            printf '%-6s%-8s%-8s' "$protocol" "$server" "$client"
            compared "$name" client
            compared "$name" server | sed 's, *$,,'
            echo
        done
    done
done
if [ -s "$work/differences" ]; then
    cat "$work/differences"
    die 'the screens differ'
fi
