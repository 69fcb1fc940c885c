#!/usr/bin/env bash
# What if the client starts before its server? Runs each client, in Rust and in
# Python, where no server is: TCP must connect, so both are refused at once; UDP
# just sends, so both wait for a reply that never comes. Rust gives up after 5
# seconds, Python never: it is ended here.
#
# UDP is answered as well: by the kernel, which says in an ICMP packet of type 3, code
# 3 that the port is unreachable. A socket is told of it only where it is connected
# to that address, and the UDP client's is not.
#
# And what if the ports differ? Then a server runs, and elsewhere: to the client
# it is the same as none.
#
# Usage: scripts/no-server.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

# ends LANGUAGE PROTOCOL PORT STATUS MESSAGE: the client must end like this.
ends() {
    local message status=0
    half client "$1" "$2" "$3" <<<hello >"$work/out" 2>"$work/err" || status=$?
    message=$(tail -n 1 "$work/err")
    labelled "$1" "$work/out"
    printf '%s\nexit status %s\n' "$message" "$status" >"$work/end"
    labelled "$1" "$work/end"
    [ "$message" = "$5" ] || die "$1: expected the message '$5'"
    [ "$status" -eq "$4" ] || die "$1: expected exit status $4"
}

both_refused() {
    ends rust tcp "$1" "$refused" \
        "tcp-client: connect 127.0.0.1:$1: Connection refused (os error $refused)"
    ends python tcp "$1" 1 "ConnectionRefusedError: [Errno $refused] Connection refused"
}

label_width=8
need_python
build
nobody=$(free_port)
# Each system has its own numbers: 111 and 11 on Linux, 61 and 35 on macOS.
numbers=$("$python" -c 'import errno; print(errno.ECONNREFUSED, errno.EAGAIN)')
read -r refused late <<<"$numbers"

title 'the TCP client before its server'
both_refused "$nobody"

title 'the UDP client before its server'
start_client python python udp "$nobody"
type_in python hello
ends rust udp "$nobody" "$late" \
    "udp-client: recvfrom 127.0.0.1:$nobody: no reply within 5 seconds (os error $late)"
labelled python "$work/python.out"
kill -0 "$client" || die 'the Python client has ended'
labelled python <(echo waits)
end "$client"

title 'a datagram to nobody, from two kinds of socket'
own_network
engine unreachable

title 'a TCP server on another port'
start_server rust tcp server
both_refused "$nobody"
labelled server "$work/server.out"
reads "$work/server.out" $'waiting for connecting...\n' || die 'the server heard something'
end "$pid"
