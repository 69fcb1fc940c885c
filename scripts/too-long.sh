#!/usr/bin/env bash
# What if a message is longer than BUFSIZ? Types a line of 1500 bytes, then
# "next" and "last", and shows what comes back, over TCP and over UDP.
#
# TCP keeps every byte but no boundaries: the server receives 1024 bytes and 476,
# and stamps both; the client takes 1024 bytes as the first reply, and the rest
# where it expects the reply to "next". From then on it is one reply behind.
#
# UDP keeps boundaries but not every byte: the server receives the first 1024
# bytes of the datagram, the client the first 1024 of the reply; the rest is
# lost, and the next reply is the right one.
#
# The Python pair does the same; it exits 1 where a screen is not the expected one.
#
# Usage: scripts/too-long.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

printf -v line '%1500s' ''
line=${line// /x}

# lie_unread BYTES: whether just so many lie in the client's socket.
lie_unread() {
    "$python" "$top/scripts/lib/sockets.py" "$port" | grep -q "^client .* $1\$"
}

# has_prompts N: whether the client has prompted so many times.
has_prompts() {
    [ "$(grep -o '> ' "$work/client.out" | wc -l)" -eq "$1" ]
}

# stand_still BYTES: lets the server go on until so many lie unread.
stand_still() {
    kill -CONT "$pid"
    wait_for "$1 unread bytes" lie_unread "$1"
    kill -STOP "$pid"
}

# screen LANGUAGE PROTOCOL: holds the conversation; the server stands still while
# the client types, so that it is always the old bytes that the client finds.
screen() {
    local key n=0
    start_server "$1" "$2" server
    start_client client "$1" "$2" "$port"
    for key in "$line" next last ''; do
        wait_for 'a prompt' has_prompts $((n += 1))
        case $2-$n in
            tcp-2) stand_still $((27 + 27 + 476)) ;; # the rest of both replies
            tcp-3) stand_still $((27 + 4)) ;;        # the reply to "next"
        esac
        type_in client "$key"
    done
    status_of "$client"
    kill -CONT "$pid"
    end "$pid"
    [ "$status" -eq 0 ] || die "the client ended with $status"
}

# typed: the client's screen with the keys typed, and runs of x counted.
typed() {
    masked "$work/client.out" | "$python" -c '
import re, sys
keys = iter(["x" * 1500, "next", "last", ""])
text = re.sub("(?m)^> ", lambda prompt: f"> {next(keys)}\n", sys.stdin.read())
print(re.sub("x{9,}", lambda run: f"x × {len(run[0])}", text), end="")'
}

expected() {
    case $1 in
        tcp) printf '> x × 1500\n[TIME] x × 997\n> next\nx × 27[TIME] x × 476\n> last\n[TIME] next\n> \n' ;;
        udp) printf '> x × 1500\n[TIME] x × 997\n> next\n[TIME] next\n> last\n[TIME] last\n> \n' ;;
    esac
}

need_python
build
for protocol in tcp udp; do
    title "a line of 1500 bytes over $protocol"
    for language in python rust; do
        screen "$language" "$protocol"
        typed >"$work/typed"
        expected "$protocol" >"$work/expected"
        diff "$work/expected" "$work/typed" || die "not what was expected of $language"
    done
    labelled "$protocol-client" "$work/typed"
    labelled stderr "$work/client.err"
done
