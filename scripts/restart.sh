#!/usr/bin/env bash
# What if the server dies in mid-conversation, and why does Python's then refuse
# to start again? Kills each TCP server while a client talks to it, looks at what
# the kernel keeps of the connection, and starts the server again on its port.
#
# The kernel ends a dead server's connections in good order and remembers them
# for about a minute. They still hold the port, so Python's bind fails. The Rust
# server says beforehand, by SO_REUSEADDR, that such a remainder does not bother it.
#
# Usage: scripts/restart.sh [--help]
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

reply=$'> [TIME] hello\n> '

# left_over: what the kernel still has on the server's port, without a program.
left_over() {
    ss --tcp --all --numeric --no-header "sport = :$port" | awk '{ print $1 }'
}

no_program_holds_it() {
    [ "$(left_over)" = FIN-WAIT-2 ]
}

need_linux ss iproute2
need_python
build
for language in python rust; do
    title "the $language server"
    start_server "$language" tcp server
    start_client client "$language" tcp "$port"
    type_in client hello
    wait_for 'the reply' reads "$work/client.out" "$reply"
    echo "killed in mid-conversation"
    kill -KILL "$pid"
    status_of "$pid"
    wait_for 'the connection to be half closed' no_program_holds_it
    echo "the kernel keeps the connection, in state $(left_over)"

    : >"$work/again.out"
    case $language in
        python)
            status=0
            "$python" -u "$top/scripts/lib/run_half.py" "$top/tcp-server/tcp_server.py" "$port" \
                >"$work/again.out" 2>"$work/again.err" || status=$?
            echo "started again: the server ends, $(tail -n 1 "$work/again.err")"
            grep -q '^OSError: \[Errno 98\] ' "$work/again.err" || die 'expected errno 98'
            ;;
        rust)
            "$bin/tcp-server" 127.0.0.1 "$port" >"$work/again.out" 2>"$work/again.err" &
            pid=$!
            started+="$pid "
            wait_for 'the server' serves_or_ended "$work/again.out"
            kill -0 "$pid" || die "it does not start: $(<"$work/again.err")"
            echo "started again: the server serves, $(<"$work/again.out")"
            end "$pid"
            ;;
    esac

    type_in client 'are you there?'
    status_of "$client"
    echo "the client types on, hears that the conversation is over, ends with $status"
    [ "$status" -eq 0 ] || die 'expected 0'
    reads "$work/client.out" "$reply" || die 'the client shows something else'
done
