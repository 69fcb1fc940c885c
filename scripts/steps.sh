#!/usr/bin/env bash
# What happens, line by line? Lets the Python pair hold a conversation and prints
# each step of it in order: who, which line, and what came of it. The Rust pair
# then holds the same conversation; the script exits 1 where its screens differ.
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
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
form=show protocols=()
for arg; do
    case $arg in
        --json) form=json ;;
        tcp | udp) protocols+=("$arg") ;;
        *) wrong_usage "$arg" ;;
    esac
done
[ ${#protocols[@]} -gt 0 ] || protocols=(tcp udp)

build
need_python
engine record "$work" "$form" "${protocols[@]}"
