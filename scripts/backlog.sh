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
# asks first. It exits 1 unless the server takes all nine in the order in which
# they came into the queue.
#
# Usage: scripts/backlog.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

backlog=5 # as in tcp_server.py and in common::BACKLOG
clients=9
pids=() ports=() must=() # of client 1, 2, …: the last is what it must do at first

# sockets FILTER: the sockets it fits, with their processes and timers; a line
# begins with: state Recv-Q Send-Q own-address:port peer-address:port
sockets() {
    ss --tcp --all --numeric --processes --options --no-header "$@"
}

# look I: sets $is to what client I does (or "comes": not settled yet), and what
# that is seen by: $near and $far, the states of its own and the server's end,
# $unread, the bytes that lie there, $holder, and $again, how often its kernel asked
# again. One that waits is looked at half a second before that, or so: were two to
# ask in the same moment, Linux might let both into one place.
look() {
    local line own
    is=comes near='' far=none unread='' holder='' again=''
    line=$(sockets "dport = :$port" | grep -F "pid=${pids[$1]},") || return 0
    read -r near _ _ own _ <<<"$line"
    ports[$1]=${own##*:}
    if [[ $near = SYN-SENT && $line =~ timer:\(on,[3-7]..ms,([1-9][0-9]*)\) ]]; then
        again=${BASH_REMATCH[1]} is=waits
    fi
    line=$(sockets "sport = :$port and dport = :${ports[$1]}")
    [ -z "$line" ] || read -r far unread _ <<<"$line"
    case $near-$far-$line in
        ESTAB-ESTAB-*"pid=$pid,"*) is=talks holder=tcp-server ;;
        ESTAB-ESTAB-*) [ "$unread" -eq 0 ] || is=queued holder='no program' ;;
    esac
}

# is I WHAT…: whether client I does one of these.
is() {
    look "$1"
    [[ " ${*:2} " = *" $is "* ]]
}

# expect I WHAT SCREEN: client I must do this once it is settled, and show just that.
expect() {
    wait_for "client $1 to be somewhere" is "$1" talks queued waits
    [ "$is" = "$2" ] || die "client $1 is expected to be '$2', but it is '$is'"
    case $is in
        talks) wait_for "client $1's reply" reads "$work/client.$1.out" "> [TIME] client $1"$'\n> ' ;;
        queued) wait_for "client $1's prompt" reads "$work/client.$1.out" '> ' ;;
        waits) [ ! -s "$work/client.$1.out" ] || die "client $1 shows something" ;;
    esac
}

# one_came_in: whether one of those that wait is in the queue now: $came.
one_came_in() {
    for came in $waiting; do
        ! is "$came" queued talks || return 0
    done
    return 1
}

need_linux ss iproute2
need_python
build
start_server rust tcp server

title "nine clients and listen($backlog), on port $port of 127.0.0.1"
order=() waiting=''
for ((i = 1; i <= clients; i++)); do
    must[i]=queued
    [ "$i" -ne 1 ] || must[i]=talks
    [ "$i" -le $((backlog + 2)) ] || must[i]=waits waiting+="$i "
    [ "${must[$i]}" = waits ] || order+=("$i")
    start_client "client.$i" rust tcp "$port"
    pids[i]=$client
    type_in "client.$i" "client $i"
    expect "$i" "${must[$i]}"
done
row='%-8s%-6s %-10s%-13s%-12s%7s  %s\n'
# shellcheck disable=SC2059  # a format for all rows
printf "$bold$row$plain" client port 'its end' "server's end" 'held by' unread 'so it'
for ((i = 1; i <= clients; i++)); do
    expect "$i" "${must[$i]}"
    # shellcheck disable=SC2059
    printf "$row" "$i" "${ports[$i]}" "$near" "$far" "$holder" "$unread" \
        "${is/#q/is q}${again:+, asked again: $again}"
done
read -r full limit _ <<<"$(sockets state listening "sport = :$port")"
echo "the listening socket: Recv-Q $full, connections in the queue; Send-Q $limit, the backlog"
[ "$full $limit" = "$((backlog + 1)) $backlog" ] || die "expected $((backlog + 1)) and $backlog"

title 'now they leave'
for ((n = 0; n < clients; n++)); do # order grows as those that wait come in
    i=${order[$n]} next=${order[$n + 1]-}
    printf 'client %s leaves' "$i"
    type_in "client.$i" ''
    status_of "${pids[$i]}"
    [ "$status" -eq 0 ] || die "client $i: $(tail -n 1 "$work/client.$i.err")"
    if [ -n "$next" ]; then
        wait_for "the server to take client $next" is "$next" talks
        expect "$next" talks
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
