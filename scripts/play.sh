#!/usr/bin/env bash
# Plays a scenario and shows each step: who, which line, and what it does; below it the packets
# (→ to the server, ← to the client) and what the kernels keep, if that changes. The programs are
# those in the folders now, changed or not. Python's lines are shown; the Rust programs play the
# same scenario, and if their output, packets or exit statuses differ, the last lines say so.
#
# One program runs at a time, until it waits or exits, so every run shows the same steps. When data
# arrives, its receiver is stopped, so each ACK is a packet of its own. --free lets the programs run
# as they like.
#
# Each play has a network namespace of its own (Linux, unshare), in which every packet is seen.
# Without one, the programs run on free ports of 127.0.0.1, and packets are not shown.
#
# Usage: scripts/play.sh [--help | --list]
#        scripts/play.sh [--compare | --free | --json] [--pcap FILE] NAME|FILE [tcp|udp] [STEPS]
#   NAME|FILE    a scenario in scripts/scenarios, or a file of your own: see scenarios/README.md
#   STEPS        a step, or a range such as 14-30 or 14-; a terminal pauses after each page
#   --list       names the scenarios; so does play.sh alone
#   --compare    plays it with every mix of Python and Rust, and says where the results differ
#   --free       shows the packets of a play without lock step
#   --json       prints the recording that the page is made from
#   --pcap FILE  writes the packets as tcpdump and Wireshark read them
#   --lang LANG  en or zh-CN; otherwise the language of the system, if it is one of them
#
# The exit status is 1 if Rust differs and the scenario does not say so (or the other way round),
# and 2 if the scenario or an argument is wrong.
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
need_python
build_if_possible
own_network
if [ -t 1 ] && command -v "${PAGER:-less}" >/dev/null; then
    # What it shows is UTF-8 with colours, whatever the locale and LESS are.
    (engine play "$@") | LESSCHARSET=utf-8 LESS="-R ${LESS--FX}" "${PAGER:-less}"
else
    engine play "$@"
fi
