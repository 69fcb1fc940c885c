#!/usr/bin/env bash
# What happens, line by line? Lets the Python pair hold a conversation and prints
# each step of it in order: who, which line, and what came of it. The Rust pair
# then holds the same conversation; the script exits 1 where its screens differ,
# or where its socket calls come in another order (seen by strace, where there is
# one; what Rust adds, setsockopt, is left aside).
#
# One side runs at a time, until it waits; so the order is the same in every run.
# A line is typed when both wait. A line that waits is a step, and one more when
# it goes on. → and ← are what is sent, to the server and to the client.
#
# The halves run on 127.0.0.1 and a free port, which is shown as 21567.
#
# With --json it prints the recording that the page is made from, a line of JSON
# for each protocol.
#
# Usage: scripts/steps.sh [--help] [--json] [tcp|udp]
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
json='' protocols=''
for arg; do
    case $arg in
        --json) json=yes ;;
        tcp | udp) protocols+="$arg " ;;
        *) wrong_usage "$arg" ;;
    esac
done

typed=(hello 'how late is it?' '')

steps() { "$python" "$top/scripts/lib/record.py" "$@"; }

# under FILE: sets $strace, a command that traces what follows it into FILE.
under() {
    [ -z "$traced" ] || strace=(strace -I 2 -e "trace=network,close" -o "$1"
        setpriv --pdeathsig KILL)
}

# calls FILE: the names of the calls in a trace; of other files, close is left out.
calls() {
    awk -F '[ (),]+' '
        !/^[a-z]/ || $1 == "setsockopt" { next }
        $1 == "close" && !($2 in sockets) { next }
        $1 == "socket" || $1 == "accept4" { sockets[$NF] }
        $1 == "close" { delete sockets[$2] }
        { print $1 }' "$1"
}

# the_server_waits: whether it has printed as many lines as Python's, and its last
# call, if traced, has not returned.
the_server_waits() {
    shows "$work/server.out" "$(wc -l <"$work/python-server.out")" &&
        { [ -z "$traced" ] || [ -n "$(tail -c 1 "$work/server.trace")" ]; }
}

# same WHAT PYTHON RUST: ends the script where the two texts differ.
same() {
    diff "$2" "$3" >&2 || die "$1 of Python (<) and Rust (>) differ"
}

build
need_python
traced=yes strace=()
if ! command -v strace >/dev/null || ! command -v setpriv >/dev/null; then
    traced=''
    echo "$me: no strace here: the calls of the Rust pair are not compared" >&2
fi

for protocol in ${protocols:-tcp udp}; do
    recording=$work/$protocol.json
    steps record "$protocol" "$(free_port)" "${typed[@]}" >"$recording"
    for side in client server; do
        steps screen $side <"$recording" >"$work/python-$side.out"
        steps calls $side <"$recording" >"$work/python-$side.calls"
    done

    under "$work/server.trace"
    start_server other "$protocol" server \
        ${strace[@]+"${strace[@]}"} "$bin/$protocol-server" 127.0.0.1
    under "$work/client.trace"
    printf '%s\n' "${typed[@]}" |
        client rust "$protocol" "$port" ${strace[@]+"${strace[@]}"} >"$work/client.out" ||
        die "the $protocol client in Rust failed"
    wait_for "the $protocol server in Rust to wait again" the_server_waits
    end "$pid"

    for side in client server; do
        masked "$work/python-$side.out" >"$work/python"
        masked "$work/$side.out" >"$work/rust"
        same "the screens of the ${protocol}_$side" "$work/python" "$work/rust"
        if [ -n "$traced" ]; then
            calls "$work/$side.trace" >"$work/rust"
            same "the calls of the ${protocol}_$side" "$work/python-$side.calls" "$work/rust"
        fi
    done

    if [ -n "$json" ]; then
        cat "$recording"
    else
        title "$protocol, step by step"
        steps show <"$recording"
    fi
done
