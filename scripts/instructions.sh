#!/usr/bin/env bash
# How many user-space instructions a request costs: the Rust servers beside the
# plain C program scripts/plain.c, which makes the same network calls and writes
# the time by localtime_r and asctime_r. Valgrind's callgrind counts two runs that
# differ in the number of requests; the difference is what those requests cost.
# Their messages have 64 bytes. It exits with 1 where Rust needs as many as C, or
# where request 100,000 needs more than request 1,000 did.
#
# TZ is unset, as most users have it; give the name of a time zone for another
# count with TZ set to it.
#
# Usage: scripts/instructions.sh [--help] [ZONE]
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_or_go_on "$@"
zone=${1-}
case $zone in -*) wrong_usage "$zone" ;; esac
no_more_arguments "${@:2}"
if [ -n "$zone" ]; then export TZ=$zone; else unset TZ; fi

few=1000 block=1000 many=100000 # requests before a block, and in it

progress() {
    [ ! -t 2 ] || printf '\r\e[K%s' "$1" >&2
}

# instructions LANGUAGE PROTOCOL REQUESTS: $total is what a run with so many
# requests needs, from the start of the server to its end.
instructions() {
    local language=$1 protocol=$2 requests=$3 counts=$work/counts server=()
    progress "$protocol, ${language/other/C}: $requests requests …"
    rm -f "$counts"
    [ "$language" = rust ] || server=("$work/plain" "$protocol")
    start_server "$language" "$protocol" server \
        valgrind --tool=callgrind "--callgrind-out-file=$counts" ${server[@]+"${server[@]}"}
    "$load" "$protocol" "$port" "$requests" >/dev/null || die "the load on the $language server failed"
    end "$pid" # by TERM: then valgrind writes its file
    total=$(awk '/^(summary|totals):/ { print $2; exit }' "$counts")
    [ -n "$total" ] || die 'callgrind wrote no sum'
}

# per_request LANGUAGE PROTOCOL AFTER: $cost is what each request of a block costs
# after so many others.
per_request() {
    instructions "$1" "$2" $(($3 + block))
    local with=$total
    instructions "$1" "$2" "$3"
    cost=$(((with - total) / block))
}

need valgrind 'the package valgrind of your system'
need cc 'the package gcc of your system'
build
build_load
cc -O2 -o "$work/plain" "$top/scripts/plain.c" || die 'plain.c did not build'

declare -A cost_of
for protocol in tcp udp; do
    for language in rust other; do
        per_request "$language" "$protocol" "$few"
        cost_of[$language $protocol]=$cost
    done
    per_request rust "$protocol" "$many"
    cost_of[late $protocol]=$cost
done
progress ''

row() {
    printf '%-34s %10s %10s\n' "$@"
}

# ratio PROTOCOL: C to Rust, with two digits behind the point.
ratio() {
    local hundredths c=${cost_of[other $1]} rust=${cost_of[rust $1]}
    hundredths=$((100 * c / rust))
    printf '%d.%02d' $((hundredths / 100)) $((hundredths % 100))
}

title "User-space instructions per request, TZ ${zone:-unset}"
row '' TCP UDP
row "Rust, after $few requests" "${cost_of[rust tcp]}" "${cost_of[rust udp]}"
row "Rust, after $many requests" "${cost_of[late tcp]}" "${cost_of[late udp]}"
row "C, after $few requests" "${cost_of[other tcp]}" "${cost_of[other udp]}"
row 'C to Rust' "$(ratio tcp)" "$(ratio udp)"

status=0
for protocol in tcp udp; do
    early=${cost_of[rust $protocol]} late=${cost_of[late $protocol]}
    if [ "$early" -ge "${cost_of[other $protocol]}" ]; then
        printf '%s: the %s-server needs as many instructions as plain C\n' "$me" "$protocol" >&2
        status=1
    fi
    # What changes by the clock, not by the request, may move a count by a little.
    if [ "$late" -gt $((early + early / 20)) ]; then
        printf '%s: the %s-server needs more and more\n' "$me" "$protocol" >&2
        status=1
    fi
done
exit $status
