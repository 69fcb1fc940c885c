# What the commands share; sourced, not run. Written for bash 3.2, which every Mac has.
# shellcheck shell=bash disable=SC2034  # some names are for the commands
set -euo pipefail

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
me=$(basename "$0")
export PYTHONIOENCODING=utf-8 PYTHONDONTWRITEBYTECODE=1

export BOLD='' DIM='' RED='' GREEN='' PLAIN=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' PLAIN=$'\e[0m'
fi

# die MESSAGE: ends the command with status 1.
die() {
    printf '%s: %s\n' "$me" "$1" >&2
    exit 1
}

# wrong_usage ARGUMENT: ends the command with status 2.
wrong_usage() {
    printf '%s: unknown argument %s; see %s --help\n' "$me" "'$1'" "$me" >&2
    exit 2
}

# help_or_go_on "$@": answers --help with the comment at the head of the command.
help_or_go_on() {
    [[ " $* " == *' -h '* || " $* " == *' --help '* ]] || return 0
    awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
    exit 0
}

# need TOOL SOURCE: names a missing tool and where to get it.
need() {
    command -v "$1" >/dev/null || die "$1 is missing; get it from $2"
}

# need_python: $python is then the interpreter. On Windows python3 may only open a shop.
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

# build: makes the four programs. Cargo says where they are; their folder is then $BIN.
build() {
    need cargo 'https://rustup.rs'
    export BIN
    BIN=$(cd "$top" && cargo build --release --quiet --bins --message-format json |
        sed -nE 's/.*"executable":"(([^"\\]|\\.)*)tcp-server(\.exe)?".*/\1/p' |
        sed -E 's/\\(.)/\1/g') || true
    [ -n "$BIN" ] || die 'the build failed: see cargo build'
    [ -z "${WINDIR-}" ] || BIN=${BIN//\\//}
    BIN=${BIN%/}
}

# own_network: engine then runs in a network namespace of its own, where Linux allows it: only
# 127.0.0.1 is there, and all ports are free. Otherwise $NETWORK is empty.
export NETWORK=''
own_network() {
    ! unshare --net --map-root-user true 2>/dev/null || NETWORK=own
}

# engine PART ARGUMENTS…: becomes a part that is written in Python.
engine() {
    local part=$1
    shift
    exec ${NETWORK:+unshare --net --map-root-user} "$python" "$top/scripts/lib/$part.py" "$@"
}
