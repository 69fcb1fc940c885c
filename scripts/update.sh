#!/usr/bin/env bash
# After a change of a program, a scenario or a script: makes all that is derived from them anew, prints
# which files that changed, and names what is left to be edited by hand. It writes the hashes of the
# programs, the recorded outputs and diagrams in the pages that people read, both pages of the steps,
# and the picture in README.md. It needs what scripts/page.sh and scripts/trace.sh need, and chromium.
#
# Usage: scripts/update.sh [--help]
[ "${BASH_VERSION-}" ] || exec bash "$0" "$@" # `sh` may be another shell
source "$(cd "$(dirname "$0")" && cd "$(dirname "$(readlink "${0##*/}")")" && pwd)/stage/door.sh" || exit
[ $# -eq 0 ] || wrong_usage "$1"
need_python
engine update
