#!/usr/bin/env bash
# Is it really the same? Runs the eight pairings of Rust and Python, server and
# client, TCP and UDP, with the same input, and compares both screens with those
# of Python with Python. Times and the client's port are masked; all else must be
# equal to the byte, every program must end well, and none may complain.
#
# A row says "as Python" where a screen is the same; where one is not, below the
# table stand what was expected and what came, and the exit status is 1.
#
# Usage: scripts/interop.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"
need_python
build
own_network
engine interop "$work"
