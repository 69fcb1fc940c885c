#!/usr/bin/env bash
# What does that number mean? Makes the four programs fail in every way that is
# easy to arrange, each time the Python half too, and prints a table: what was
# arranged, the number in Python, our exit status, and what Python's errno and
# os.strerror call that number. The number in Python is what connect_ex returns,
# or else the errno of the exception.
#
# It exits 1 where our status is another number than Python's, or where our
# message gives another call, address, number or text. Two kinds of failure have no number of
# the system: an unknown host (gaierror) is 1 in Rust, an impossible port
# (OverflowError) is 2.
#
# Nothing leaves this machine, but for the question after the unknown host.
#
# Usage: scripts/errors.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

program='' failures=()

# of PROGRAM: the rows that follow are about this program.
of() {
    program=$1
    title "$program"
    printf '%s%-19s %6s %4s  %-13s %s%s\n' "$bold" arranged Python Rust name text "$plain"
}

# Descriptors for standard output: 7 takes all, 8 has no reader, 9 is full. Those
# from 10 on bash uses itself.
dark=7 closed=8 full=9
mkfifo "$work/screen"
exec 6<>"$work/screen"
exec 7>/dev/null 8>"$work/screen"
exec 6<&-
[ ! -e /dev/full ] || exec 9>/dev/full

# What a row may change, and does for itself alone by `name=value row …`.
keys=hello      # the command that types on the keyboard
screen=$dark    # the descriptor for standard output
right=yes       # whether low ports may be bound

# row WHAT CALL HOST PORT: one failure, in Python and in Rust; CALL is what fails.
row() {
    local what=$1 call=$2 host=$3 port=$4 number name text status=0
    local expected message='' start="$program: $2 $3:$4: " end='' wrong=''
    local half="$top/$program/${program/-/_}.py"
    $keys 1 | limited "$python" -u "$top/scripts/lib/error_of_half.py" "$half" "$port" "$host" \
        3>"$work/raised" 1>&"$screen" 2>"$work/python.err" || true
    $keys 2 | limited "$bin/$program" "$host" "$port" \
        1>&"$screen" 2>"$work/ours.err" || status=${PIPESTATUS[1]}
    [ -s "$work/raised" ] || die "$program, $what: Python's half ended unheard: $(
        tail -n 1 "$work/python.err")"
    IFS=$'\t' read -r number name text <"$work/raised"
    [ ! -s "$work/ours.err" ] || message=$(tail -n 1 "$work/ours.err")

    printf '%-19s %6s ' "$what" "$number"
    [ "$screen" = "$dark" ] || start="$program: $call: "
    case $name in
        gaierror) expected=1 ;;
        OverflowError) expected=2 start="usage: $program " ;;
        EAGAIN) expected=$number end="no reply within 5 seconds (os error $number)" ;; # not $text
        *) expected=$number end="$text (os error $number)" ;;
    esac
    if [ "$status" != "$expected" ] || [ "$status" = 0 ]; then
        wrong="our status is $status, not $expected; our message: '$message'"
    elif [ "$screen" = "$closed" ]; then # nobody needs to be told
        [ -z "$message" ] || wrong="our message is '$message', not none"
    elif [[ $message != "$start"*"$end" ]]; then
        wrong="our message is '$message', not '$start…$end'"
    fi
    if [ -z "$wrong" ]; then
        printf '%s%4s%s' "$green" "$status" "$plain"
    else
        printf '%s%4s%s' "$red" "!$status" "$plain"
        failures+=("$program, $what: $wrong")
    fi
    printf '  %-13s %s\n' "$name" "$text"
}

# limited COMMAND…: runs it for a minute at most, or else a row that does not
# fail would never end.
limited() {
    if [ "$right" = no ] && [ "$(id -u)" = 0 ]; then # root keeps the other rights
        set -- setpriv --bounding-set=-net_bind_service "$@"
    fi
    "$python" -c 'import os, signal, sys; signal.alarm(60); os.execvp(sys.argv[1], sys.argv[1:])' "$@"
}

# skipped WHAT WHY: a row that cannot be had here.
skipped() {
    printf '%-19s SKIPPED: %s\n' "$1" "$2"
}

# row_on_linux WHAT CALL HOST PORT: a row that elsewhere need not fail at all.
row_on_linux() {
    if [ "$(uname)" = Linux ]; then row "$@"; else skipped "$1" 'this needs Linux'; fi
}

# What is typed. Python is the first to read it, our program the second.
hello() {
    printf 'hello\n\n'
}
too_long() { # no datagram holds more than 65507 bytes
    printf '%65508s\n\n' ''
}
again_after_the_reset() {
    echo hello
    wait_for 'the reset' is_reset "$1"
    hello
}
is_reset() {
    [ "$(grep -cx "$port" "$work/peers.out")" -eq "$1" ]
}

low_port() {
    local first=/proc/sys/net/ipv4/ip_unprivileged_port_start
    if [ -r $first ] && [ "$(<$first)" -le 1 ]; then
        skipped 'a low port' 'here any user may bind it'
    elif [ "$(id -u)" = 0 ] && ! command -v setpriv >/dev/null; then
        skipped 'a low port' 'root may bind it, and there is no setpriv'
    else
        right=no row 'a low port' bind 127.0.0.1 1
    fi
}

need_python
build
export RES_OPTIONS='timeout:1 attempts:1' # do not ask long for the unknown host
"$python" "$top/scripts/lib/peers.py" >"$work/peers.out" &
started+="$! "
wait_for 'the peers' shows "$work/peers.out" 1
read -r deaf busy resetting answering closing <"$work/peers.out"

of tcp-client
row 'nobody listens' connect 127.0.0.1 "$deaf"
row_on_linux 'a broadcast address' connect 127.255.255.255 "$busy"
row 'a reset' recv 127.0.0.1 "$resetting"
keys=again_after_the_reset row 'reset, then a line' send 127.0.0.1 "$answering"
keys=again_after_the_reset row 'end, reset, a line' send 127.0.0.1 "$closing"
row 'an unknown host' getaddrinfo nosuch.invalid "$busy"
row 'port 65536' '' 127.0.0.1 65536
screen=$closed row 'a closed screen' '' 127.0.0.1 "$busy"
if [ -e /dev/full ]; then
    screen=$full row 'a full screen' 'write to standard output' 127.0.0.1 "$busy"
else
    skipped 'a full screen' 'there is no /dev/full'
fi

of udp-client
row 'nobody answers' recvfrom 127.0.0.1 "$busy"
row 'a broadcast address' sendto 127.255.255.255 "$busy"
keys=too_long row 'a too long line' sendto 127.0.0.1 "$busy"
row 'an unknown host' sendto nosuch.invalid "$busy"
row 'port 65536' '' 127.0.0.1 65536

for program in tcp-server udp-server; do
    of $program
    row 'a port in use' bind 127.0.0.1 "$busy"
    row 'an address not ours' bind 192.0.2.1 "$busy"
    low_port
    row 'an unknown host' getaddrinfo nosuch.invalid "$busy"
    row 'port 65536' '' 127.0.0.1 65536
done

for failure in ${failures[@]+"${failures[@]}"}; do
    printf '%s: %s\n' "$me" "$failure" >&2
done
[ ${#failures[@]} -eq 0 ]
