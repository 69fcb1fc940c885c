# What the doors share. A door sources this file; it sees the door's arguments. Written for bash 3.2,
# which every Mac has.
# shellcheck shell=bash disable=SC2034  # some names are for the doors
[ "${BASH_VERSION-}" ] || exec bash "$0" "$@" # `sh` may be another shell
set -euo pipefail
shopt -u checkwinsize # COLUMNS is what the caller says

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
export BIN=''
build() {
    need cargo 'https://rustup.rs'
    BIN=$(cd "$top" && cargo build --release --quiet --bins --message-format json |
        sed -nE 's/.*"executable":"(([^"\\]|\\.)*)(\/|\\\\)[^"\\/]*".*/\1/p' |
        sed -nE '$ { s/\\(.)/\1/g; p; }') || true
    [ -n "$BIN" ] || die 'the build failed: see cargo build'
    [ -z "${WINDIR-}" ] || BIN=${BIN//\\//}
}

# build_if_possible: the same; but without cargo $BIN stays empty.
build_if_possible() {
    ! command -v cargo >/dev/null || build
}

# own_network: engine then runs in a network namespace of its own, where Linux allows it: only
# 127.0.0.1 is there, and all ports are free. Otherwise $NETWORK is empty; $AS_ROOT is then the command
# by which root may make one, if there is such a command.
export NETWORK='' AS_ROOT=''
command="$0${*:+ $*}"
[[ -x $0 && $0 == */* ]] || command="bash $command"
own_network() {
    for NETWORK in '--net --map-root-user' --net; do
        # shellcheck disable=SC2086  # options
        ! unshare $NETWORK true 2>/dev/null || return 0
    done
    NETWORK=''
    if [ "$(id -u)" != 0 ] && [ -z "${SUDO_UID+set}" ] &&
        command -v unshare >/dev/null && command -v sudo >/dev/null; then
        AS_ROOT="sudo $command"
    fi
}

# engine PART ARGUMENTS…: becomes a part that is written in Python. Python finds the package `stage` in
# the folder that it runs, whatever PYTHONPATH or the current folder is.
engine() {
    # shellcheck disable=SC2086  # options
    exec ${NETWORK:+unshare $NETWORK} "$python" "$top/scripts" "$@"
}

# --help is answered with the comment at the head of the door, or in another language.
if [[ " $* " == *' -h '* || " $* " == *' --help '* ]]; then
    (need_python && "$python" "$top/scripts/stage/language.py" "$me" "$@") 2>/dev/null ||
        awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"
    exit 0
fi

# With sudo, root is needed for namespaces only; all else is done as the user who called.
if [ "$(id -u)" = 0 ] && [ "${SUDO_UID:-0}" != 0 ]; then
    need_python
    engine as-user bash "$0" "$@"
fi
