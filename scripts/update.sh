#!/usr/bin/env bash
# After a change of a program, a scenario or a script: makes all that is derived from them anew, prints
# which files that changed, and names what is left to be edited by hand. It writes the hashes of the
# programs, the recorded outputs in the pages that people read, both pages of the steps,
# and both pictures in README.md. It needs what scripts/page.sh and scripts/trace.sh need, chromium, and
# Pillow (python3 -m pip install pillow).
#
# Usage: scripts/update.sh [--help]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
[ $# -eq 0 ] || wrong_usage "$1"
need_python
engine update
