#!/usr/bin/env bash
# Are you there yet? Tries your program, as it stands in its file, with real peers
# and says `solved`, or in one sentence what is missing. Hints are in LESSON.md.
#
#   shout     the UDP server answers in upper case: line 14
#   patience  the TCP client waits for its server, up to 10 s: line 9
#   whole     a line of 5,000 bytes comes back whole and with one stamp: both TCP
#             programs agree where a message ends: lines 14 to 20
#   two       the TCP server talks to two clients at once: lines 14 to 21
#   silence   the TCP server lets go of a client that says nothing for 2 s, and of
#             no other: line 17
#   trust     the UDP client believes only the server that it asked: line 14
#
# Only what a program does counts, not how it is written. Once cargo has built, a
# check takes at most 15 seconds, on free ports of 127.0.0.1. While an exercise
# stands, some tests may fail: they hold both halves to the listings. `git restore
# FILE` brings the program back.
#
# Usage: scripts/exercise.sh [--help] [NAME [python|rust]]
#   python|rust  which half [default: what you have changed since the last commit;
#                both, if that is both or neither]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
[ $# -gt 0 ] || set -- --help
help_or_go_on "$@"
[[ $1 =~ ^(shout|patience|whole|two|silence|trust)$ ]] || wrong_usage "$1"
[[ ${2-rust} =~ ^(python|rust)$ ]] || wrong_usage "$2"
[ $# -le 2 ] || wrong_usage "$3"
need_python
export RUST_BACKTRACE=0 # a panic in two lines
"$python" "$top/scripts/lib/exercises.py" "$work" "$@"
