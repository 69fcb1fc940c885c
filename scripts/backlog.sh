#!/usr/bin/env bash
# What does the 5 in listen(5) do? The server talks to one client at a time. This
# script connects nine, one after another, and shows by ss where each of them is:
#
#   talks    the server has accepted it
#   queued   the kernel has connected it and keeps it for the server: both ends
#            are ESTAB, but no program holds the server's end; the client shows
#            its prompt, and what it has sent lies there unread
#   waits    the queue is full, so the kernel leaves its SYN without an answer:
#            the client is still in connect (SYN-SENT), and its kernel asks again
#            every second or so
#
# Linux queues one more than the backlog, six for listen(5). Then the clients
# leave, always the one that talks. The server takes the next from the queue, and
# a client that waits gets the free place when it next asks, whichever of them
# asks first. It exits 1 unless the server's screen shows all nine in the order
# in which they came into the queue.
#
# Usage: scripts/backlog.sh [--help]
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

backlog=5 # as in tcp_server.py and in common::BACKLOG
queue=$((backlog + 1))
clients=$((1 + queue + 2))
pids=() ports=() # of client 1, 2, …

# connect I: starts client I, who types a line at once.
connect() {
    start_client "client.$1" rust tcp "$port"
    pids[$1]=$client
    type_in "client.$1" "client $1"
}

# sockets FILTER: the sockets it fits, with their processes and timers; a line
# begins with: state Recv-Q Send-Q own-address:port peer-address:port
sockets() {
    ss --tcp --all --numeric --processes --options --no-header "$@"
}

# look I: sets $is to what client I does (or "comes": not settled yet), and what
# that is seen by: $near and $far, the states of its own and the server's end,
# $unread, the bytes that lie there, and $again, how often its kernel asked again.
look() {
    local line own
    is=comes near='' far='' unread='' again=''
    line=$(sockets "dport = :$port" | grep -F "pid=${pids[$1]},") || return 0
    read -r near _ _ own _ <<<"$line"
    ports[$1]=${own##*:}
    if [ "$near" = SYN-SENT ] && [[ $line =~ timer:\(on,[^,]*,([1-9][0-9]*)\) ]]; then
        again=${BASH_REMATCH[1]}
    fi
    line=$(sockets "sport = :$port and dport = :${ports[$1]}")
    read -r far unread _ <<<"$line" || true
    case $near-$far in
        SYN-SENT-*) [ -z "$again" ] || is=waits ;;
        ESTAB-ESTAB)
            if [[ $line = *"pid=$pid,"* ]]; then
                is=talks
            elif [ "$unread" -gt 0 ]; then
                is=queued
            fi
            ;;
    esac
}

# is I WHAT…: whether client I does one of these.
is() {
    look "$1"
    [[ " ${*:2} " = *" $is "* ]]
}

# expect I WHAT: client I must do this once it is settled.
expect() {
    wait_for "client $1 to be somewhere" is "$1" talks queued waits
    [ "$is" = "$2" ] || die "client $1 is expected to be '$2', but it is '$is'"
}

has_its_reply() {
    reads "$work/client.$1.out" "> [TIME] client $1"$'\n> '
}

# is_half_way I: whether the kernel asks again for client I in half a second or
# so. Were two to ask in the same moment, Linux might let both into one place.
is_half_way() {
    [[ $(sockets "sport = :${ports[$1]} and dport = :$port") =~ timer:\(on,[3-7]..ms, ]]
}

# talk_to I: waits until the server has answered client I.
talk_to() {
    wait_for "the server to take client $1" is "$1" talks
    wait_for "client $1's reply" has_its_reply "$1"
}

# one_came_in: whether one of those that wait is in the queue now: $came.
one_came_in() {
    for came in $waiting; do
        if is "$came" queued talks; then
            return
        fi
    done
    return 1
}

need_linux ss iproute2
need_python
build
start_server rust tcp server

title "nine clients and listen($backlog), on port $port of 127.0.0.1"
queued='' waiting=''
for ((i = 1; i <= clients; i++)); do
    connect "$i"
    if [ "$i" -eq 1 ]; then
        talk_to 1
    elif [ "$i" -le $((1 + queue)) ]; then
        queued+="$i "
        expect "$i" queued
    else
        waiting+="$i "
        expect "$i" waits
        wait_for "half a second before client $i asks" is_half_way "$i"
    fi
done
row='%-8s%-6s %-10s%-13s%-12s%7s  %s\n'
# shellcheck disable=SC2059  # a format for all rows
{
    printf "$bold$row$plain" client port 'its end' "server's end" 'held by' unread 'so it'
    expect 1 talks
    printf "$row" 1 "${ports[1]}" "$near" "$far" tcp-server "$unread" talks
    for i in $queued; do
        expect "$i" queued
        [ "$(<"$work/client.$i.out")" = '> ' ] || die "client $i does not show just its prompt"
        printf "$row" "$i" "${ports[$i]}" "$near" "$far" 'no program' "$unread" 'is queued'
    done
    for i in $waiting; do
        expect "$i" waits
        [ ! -s "$work/client.$i.out" ] || die "client $i shows something"
        printf "$row" "$i" "${ports[$i]}" "$near" "${far:-none}" '' '' "waits, asked again: $again"
    done
}
read -r full limit _ <<<"$(sockets state listening "sport = :$port")"
echo "the listening socket: Recv-Q $full, connections in the queue; Send-Q $limit, the backlog"
[ "$full $limit" = "$queue $backlog" ] || die "expected Recv-Q $queue, Send-Q $backlog"

title 'now they leave'
# shellcheck disable=SC2206  # numbers, to be taken apart
order=(1 $queued) # grows as those that wait come in
for ((n = 0; n < clients; n++)); do
    i=${order[$n]} next=${order[$n + 1]-}
    printf 'client %s leaves' "$i"
    type_in "client.$i" ''
    status_of "${pids[$i]}"
    [ "$status" -eq 0 ] || die "client $i: $(tail -n 1 "$work/client.$i.err")"
    if [ -n "$next" ]; then
        talk_to "$next"
        printf ', client %s talks' "$next"
    fi
    if [ -n "$waiting" ]; then
        wait_for 'one that waits to come in' one_came_in
        order+=("$came")
        printf ', client %s gets the free place' "$came"
        waiting=${waiting/$came /}
    fi
    echo
done

title "the server's screen"
wait_for 'the last line' shows "$work/server.out" $((2 * clients + 1))
end "$pid"
for i in "${order[@]}"; do
    echo 'waiting for connecting...'
    echo "...connected from: ('127.0.0.1', ${ports[$i]})"
done >"$work/expected"
echo 'waiting for connecting...' >>"$work/expected"
n=0
while IFS= read -r line; do
    if [ "${line#...connected}" != "$line" ]; then
        printf '%-50s %sclient %s%s\n' "$line" "$dim" "${order[n++]-?}" "$plain"
    else
        echo "$line"
    fi
done <"$work/server.out"
diff "$work/expected" "$work/server.out" || die 'not served in the order of the queue'
