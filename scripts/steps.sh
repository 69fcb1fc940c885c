#!/usr/bin/env bash
# What happens, line by line? Lets the Python pair hold a conversation and prints
# each step of it in order: who, which line, and what came of it; below it the
# packets (→ to the server, ← to the client), and what the kernels keep of the
# connection where that changes. The Rust pair then holds the same conversation;
# the script exits 1 where its screens or its packets differ.
#
# One side runs at a time, until it waits; so the order is the same in every run.
# A line is typed when both wait. A line that waits is a step, and one more when
# it goes on.
#
# The pair has a network of its own (Linux, `unshare`), in which each packet is
# seen, and the kernel asked for its sockets, before the next step. Without, the
# pair runs on a free port of 127.0.0.1, which is shown as 21567, and only what the
# programs send is shown.
#
# Usage: scripts/steps.sh [--help] [--json] [--pcap FILE] [tcp|udp] [STEPS]
#   STEPS        a step, or a range such as 14-30; a terminal pauses at each screen
#   --json       prints the recording that the page is made from
#   --pcap FILE  writes the packets as tcpdump and Wireshark read them
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
form=show steps='' pcap='' protocols='tcp udp'
while [ $# -gt 0 ]; do
    case $1 in
        --json) form=json ;;
        --pcap)
            [ $# -gt 1 ] || wrong_usage "$1"
            pcap=$2
            shift
            ;;
        tcp | udp) protocols=$1 ;;
        *)
            [[ $1 =~ ^[0-9]+(-[0-9]+)?$ ]] || wrong_usage "$1"
            steps=$1
            ;;
    esac
    shift
done

build
need_python
own_network
# shellcheck disable=SC2086  # one or two words
engine record "$work" "$form" "$steps" "$pcap" $protocols >"$work/steps"
if [ ! -t 1 ] || ! LESS=${LESS:--FRX} bash -c "${PAGER:-less} \"\$0\"" "$work/steps"; then
    cat "$work/steps"
fi
