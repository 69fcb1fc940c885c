#!/usr/bin/env bash
# Is it really the same, down to the system? Runs the Python pair and the Rust
# pair, server and client, under strace with the same input, and prints the
# network calls that each asks the kernel for: Python's left, Rust's right.
#
#   +  what Rust adds: the TCP server's SO_REUSEADDR, the UDP client's SO_RCVTIMEO
#   -  Python's own getsockname, which asks what kind of socket accept returned
#   !  any other call that is missing, added, in another order or has other
#      arguments; then it exits 1
#
# Times and ports are masked. Also alike count pointers, the way strace writes
# the length of a buffer, and MSG_NOSIGNAL, by which Rust says call by call that
# it wants no SIGPIPE; Python ignores that signal as a whole.
#
# Both sides get the address 127.0.0.1: to look a name up is the work of the C
# library, and its calls would hide these.
#
# Usage: scripts/trace.sh [--help] [tcp|udp]
# shellcheck source-path=SCRIPTDIR source=lib/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
protocols=(tcp udp)
if [ $# -gt 0 ]; then
    case $1 in
        tcp | udp) protocols=("$1") ;;
        *) wrong_usage "$1" ;;
    esac
    shift
    no_more_arguments "$@"
fi

messages=(hello 'how late is it?' 'Grüße')

# under FILE: sets $strace, a command that traces what follows it into FILE.
# Should strace itself be ended, then so is what it runs.
under() {
    strace=(strace -I 2 -s 2000 -e trace=network -o "$1" setpriv --pdeathsig KILL)
}

# the_server_waits LINES: whether it has printed so many lines, and its last
# call has not returned.
the_server_waits() {
    shows "$work/server.out" "$1" && [ -n "$(tail -c 1 "$work/server")" ]
}

# converse LANGUAGE PROTOCOL: leaves the traces in $work/LANGUAGE-PROTOCOL-server
# and -client.
converse() {
    local language=$1 protocol=$2 lines replies strace
    case $protocol in
        tcp) lines=3 ;; # waits, is connected, waits again
        udp) lines=$((2 * ${#messages[@]} + 1)) ;;
    esac
    under "$work/server"
    case $language in
        python) start_server python "$protocol" server "${strace[@]}" ;;
        # Given a port: with port 0 it would ask by getsockname which one it got.
        rust) start_server other "$protocol" server "${strace[@]}" "$bin/$protocol-server" 127.0.0.1 ;;
    esac
    under "$work/$language-$protocol-client"
    printf '%s\n' "${messages[@]}" '' |
        client "$language" "$protocol" "$port" "${strace[@]}" >"$work/client.out" ||
        die "the $language $protocol client failed"
    replies=$(printf '> [TIME] %s\n' "${messages[@]}")
    reads "$work/client.out" "$replies"$'\n> ' ||
        die "the $language $protocol client does not show all replies"
    wait_for "the $language $protocol server to wait again" the_server_waits "$lines"
    cp "$work/server" "$work/$language-$protocol-server"
    end "$pid"
}

# compare PROGRAM ADDITION: prints both traces of a program in two columns.
compare() {
    local protocol=${1%-*} side=${1#*-}
    title "$1"
    printf "%s%-$(((width - 3) / 2))s   %s%s\n" "$bold" Python Rust "$plain"
    "$python" "$top/scripts/lib/syscalls.py" "$work/python-$protocol-$side" \
        "$work/rust-$protocol-$side" "$width" "$2" || differs="$differs $1"
}

need_linux strace strace
need_linux setpriv util-linux
need_python
build
width=80
if [ -t 1 ] && size=$(stty size 2>/dev/null </dev/tty) && [ "${size#* }" -gt 80 ]; then
    width=${size#* }
fi

differs=''
for protocol in "${protocols[@]}"; do
    converse python "$protocol"
    converse rust "$protocol"
    case $protocol in
        tcp)
            compare tcp-server 'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, '
            compare tcp-client ''
            ;;
        udp)
            compare udp-server ''
            compare udp-client 'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO'
            ;;
    esac
done
[ -z "$differs" ] || die "the calls differ:$differs"
