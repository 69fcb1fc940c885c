#!/usr/bin/env bash
# What if the client starts before its server? Runs each client, in Rust and in
# Python, where no server is: TCP must connect, so both are refused at once; UDP
# just sends, so both wait for a reply that never comes. Rust gives up after 5
# seconds, Python never: it is ended here.
#
# And what if the ports differ? Then a server runs, and elsewhere: to the client
# it is the same as none.
#
# Usage: scripts/no-server.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

# says NAME: what a client has on its screen and, in a word, on standard error.
says() {
    labelled "$1" "$work/$1.out"
    tail -n 1 "$work/$1.err" >"$work/$1.last"
    labelled "$1" "$work/$1.last"
}

# ends NAME PID STATUS PATTERN: the client must end like this.
ends() {
    status_of "$2"
    says "$1"
    grep -Eq "$4" "$work/$1.last" || die "$1: expected a message like $4"
    echo "exit status $status" >"$work/$1.last"
    labelled "$1" "$work/$1.last"
    [ "$status" -eq "$3" ] || die "$1: expected exit status $3"
}

both_refused() {
    start_client rust rust tcp "$1"
    type_in rust hello
    ends rust "$client" "$refused" "^tcp-client: connect .*: Connection refused \\(os error $refused\\)\$"
    start_client python python tcp "$1"
    type_in python hello
    ends python "$client" 1 "^ConnectionRefusedError: \\[Errno $refused\\] "
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
waits=$client
type_in python hello
start_client rust rust udp "$nobody"
type_in rust hello
ends rust "$client" "$late" "^udp-client: recvfrom .*: no reply within 5 seconds \\(os error $late\\)\$"
says python
kill -0 "$waits" || die 'the Python client has ended'
echo 'waits' >"$work/python.last"
labelled python "$work/python.last"
end "$waits"

title 'a TCP server on another port'
start_server rust tcp server
while [ "$port" = "$nobody" ]; do
    end "$pid"
    start_server rust tcp server
done
both_refused "$nobody"
labelled server "$work/server.out"
reads "$work/server.out" $'waiting for connecting...\n' || die 'the server heard something'
end "$pid"
