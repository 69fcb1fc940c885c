# What the scripts share; sourced, not run. It stops on errors, builds the four
# programs, starts servers on free ports of 127.0.0.1, and cleans up at the end.
# For bash 3.2, which every Mac has; .ci/bash-3.2 watches over that.
# shellcheck shell=bash disable=SC2034  # some names are for the scripts
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
me=$(basename "$0")
started=' '           # the processes that are to be ended
work=$(mktemp -d)     # screens and other short-lived files
export PYTHONIOENCODING=utf-8 PYTHONDONTWRITEBYTECODE=1

# end PID: ends a process that this script started, and waits for it.
end() {
    forget "$1"
    kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}

# forget PID: takes a process off the list of those that are to be ended.
forget() {
    started=${started/ $1 / }
}

clean_up() {
    local one
    trap '' INT TERM # a second Ctrl-C does not interrupt this
    for one in $started; do
        end "$one"
    done
    rm -rf "$work"
}
trap clean_up EXIT
# Ended by a signal, a script ends by it: a loop of the shell around it ends too.
trap '[ ! -t 2 ] || echo >&2; clean_up; trap - EXIT INT; kill -INT $$' INT
trap 'clean_up; trap - EXIT TERM; kill -TERM $$' TERM

export bold='' dim='' red='' green='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
fi

# die MESSAGE: ends the script with status 1.
die() {
    printf '%s: %s\n' "$me" "$1" >&2
    exit 1
}

# help_or_go_on "$@": answers --help with the comment at the head of the script.
help_or_go_on() {
    [[ " $* " == *' -h '* || " $* " == *' --help '* ]] || return 0
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
    exit 0
}

# no_more_arguments "$@": wrong usage where there are any.
no_more_arguments() {
    [ $# -eq 0 ] || wrong_usage "$1"
}

# wrong_usage ARGUMENT: ends the script with status 2.
wrong_usage() {
    printf '%s: unknown argument %s; see %s --help\n' "$me" "'$1'" "$me" >&2
    exit 2
}

# need TOOL SOURCE: names a missing tool and where to get it.
need() {
    command -v "$1" >/dev/null || die "$1 is missing; get it from $2"
}

# need_python: $python is then the interpreter. On Windows python3 may be a stub
# that only tells where to buy one.
need_python() {
    local name
    for name in python3 python 'py -3'; do
        python=$($name -c 'import sys; print(sys.executable if sys.version_info >= (3, 8) else "")' \
            2>/dev/null </dev/null) || continue
        python=${python%$'\r'}
        [ -z "$python" ] || return 0
    done
    die 'Python 3.8 or later is missing; get it from https://www.python.org'
}

# title TEXT: a heading 80 columns wide.
title() {
    local rule
    printf -v rule '%*s' $((76 - ${#1})) ''
    printf '%s── %s %s%s\n' "$bold" "$1" "${rule// /─}" "$plain"
}

# wait_for WHAT COMMAND…: waits until the command is true, at most 60 seconds.
wait_for() {
    local what=$1 end=$((SECONDS + 60))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || die "waited in vain for $what"
        sleep 0.02
    done
}

# shows FILE LINES: whether a screen has this many lines at least.
shows() {
    [ "$(wc -l <"$1")" -ge "$2" ]
}

# build: makes the four programs; their folder is then $bin.
build() {
    need cargo 'https://rustup.rs'
    export bin
    bin=$(cd "$top" && cargo metadata --format-version 1 --no-deps |
        sed -nE 's/.*"target_directory":"(([^"\\]|\\.)*)".*/\1/p' | sed -E 's/\\(.)/\1/g')/release
    [ -z "${WINDIR-}" ] || bin=${bin//\\//}
    [ -e "$bin" ] || echo 'building the programs ...' >&2
    (cd "$top" && cargo build --release --quiet --bins) || die 'the build failed'
}

# free_port: a port that is free on 127.0.0.1 for TCP and UDP.
free_port() {
    PYTHONPATH=$top/scripts/lib "$python" -c 'import pair; print(pair.free_port())'
}

# own_network: engine then runs in a network of its own, where Linux allows it. Only
# 127.0.0.1 is there, and all ports are free; $network is empty where it is refused.
export network=''
own_network() {
    ! unshare --net --map-root-user true 2>/dev/null || network=own
}

# engine PART ARGUMENTS…: runs a part in Python that starts programs itself. In the
# background, as a signal would otherwise wait for it to end.
engine() {
    local part=$1
    shift
    ${network:+unshare --net --map-root-user} "$python" "$top/scripts/lib/$part.py" "$@" &
    started+="$! "
    status_of "$!"
    [ "$status" -eq 0 ] || exit "$status"
}

# start_server LANGUAGE PROTOCOL NAME: starts a server on a free port
# of 127.0.0.1 and waits until it serves; then $port and $pid tell where. Its
# screen is $work/NAME.out, its standard error $work/NAME.err. A Rust server is
# given port 0 and says itself which one it got; for the others, one is looked up.
start_server() {
    local language=$1 protocol=$2 name=$3 tries=5
    while ((tries--)); do
        port=0
        [ "$language" = rust ] || port=$(free_port)
        : >"$work/$name.out" # no lines of an earlier server
        half server "$language" "$protocol" "$port" exec \
            >"$work/$name.out" 2>"$work/$name.err" </dev/null &
        pid=$!
        started+="$pid "
        wait_for "the $language $protocol server" serves_or_ended "$work/$name.out"
        if kill -0 "$pid" 2>/dev/null && shows "$work/$name.out" 1; then
            [ "$language" != rust ] || port=$(sed -n 's/.* bound to 127.0.0.1://p' "$work/$name.err")
            return
        fi
        grep -q 'in use' "$work/$name.err" || break # another try, another port
    done
    die "the $language $protocol server did not start: $(tail -n 1 "$work/$name.err")"
}

serves_or_ended() {
    shows "$1" 1 || ! kill -0 "$pid" 2>/dev/null
}

# half ROLE LANGUAGE PROTOCOL PORT [exec]: runs a server or a client on 127.0.0.1; with
# exec, which the background needs, as the process that $! names.
half() {
    case $2 in
        rust) ${5-} "$bin/$3-$1" 127.0.0.1 "$4" ;;
        python) ${5-} "$python" -u "$top/scripts/lib/run_half.py" "$top/$3-$1/$3_$1.py" "$4" ;;
    esac
}

# labelled LABEL FILE: prints a file with a label in front of each line, padded to
# $label_width; a line that is too long for 80 columns goes on in the next.
label_width=12
labelled() {
    awk -v label="$(printf '%s%-*s%s' "$dim" "$label_width" "$1" "$plain")" \
        -v room=$((80 - label_width)) '{
            while (length($0) > room) {
                for (cut = room + 1; cut && substr($0, cut, 1) != " "; cut--) {}
                print label substr($0, 1, cut ? cut - 1 : room)
                $0 = substr($0, (cut ? cut : room) + 1)
            }
            print label $0
        }' "$2"
}

# start_client NAME LANGUAGE PROTOCOL PORT: starts a client that reads what type_in
# types; then $client is its process. Its screen is $work/NAME.out, its standard
# error $work/NAME.err.
keyboard=20 # the lower ones from 10 on bash uses itself
start_client() {
    local name=$1
    shift
    rm -f "$work/$name.keys"
    mkfifo "$work/$name.keys"
    : >"$work/$name.out" # for those who look before the client has begun
    # Kept open here, or else the input would end after the first line.
    keyboard=$((keyboard + 1))
    eval "exec $keyboard<>\"\$work/\$name.keys\""
    half client "$@" exec <"$work/$name.keys" >"$work/$name.out" 2>"$work/$name.err" &
    client=$!
    started+="$client "
}

# type_in NAME LINE: types a line on a client's keyboard.
type_in() {
    printf '%s\n' "$2" >"$work/$1.keys"
}

# status_of PID: waits for the end of a process; $status is its exit status.
status_of() {
    status=0
    wait "$1" 2>/dev/null || status=$?
    forget "$1"
}

# masked FILE [PORT]: a screen without its times and the client's port, see mask.py.
masked() {
    "$python" "$top/scripts/lib/mask.py" ${2+"$2"} <"$1"
}

# reads FILE TEXT: whether a screen is just this, times and ports aside.
reads() {
    [ "$(masked "$1" && echo .)" = "$2." ]
}
