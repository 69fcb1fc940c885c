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
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
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

refused() {
    start_client rust rust tcp "$1"
    type_in rust hello
    ends rust "$client" 111 '^tcp-client: connect .*: Connection refused \(os error 111\)$'
    start_client python python tcp "$1"
    type_in python hello
    ends python "$client" 1 '^ConnectionRefusedError: \[Errno 111\] '
}

label_width=8
build
nobody=$(free_port)

title 'the TCP client before its server'
refused "$nobody"

title 'the UDP client before its server'
start_client python python udp "$nobody"
python=$client
type_in python hello
start_client rust rust udp "$nobody"
type_in rust hello
ends rust "$client" 11 '^udp-client: recvfrom .*: no reply within 5 seconds \(os error 11\)$'
says python
kill -0 "$python" || die 'the Python client has ended'
echo 'waits' >"$work/python.last"
labelled python "$work/python.last"
end "$python"

title 'a TCP server on another port'
start_server rust tcp server
[ "$port" != "$nobody" ] || die 'the same port twice'
refused "$nobody"
labelled server "$work/server.out"
reads "$work/server.out" $'waiting for connecting...\n' || die 'the server heard something'
end "$pid"
