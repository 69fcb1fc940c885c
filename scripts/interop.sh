#!/usr/bin/env bash
# Is it really the same? Runs the eight pairings of Rust and Python, server and
# client, TCP and UDP, with the same input, and compares both screens with those
# of Python with Python, and the packets (from whom, flags, bytes). Times and the
# client's port are masked; all else must be equal to the byte, every program must
# end well, and none may complain.
#
# One program acts at a time, until it rests. Packets are seen in a network of its
# own (Linux, `unshare`). A row says "as Python" for what is the same; for what is
# not, what was expected and what came stand below, and the exit status is 1.
#
# Usage: scripts/interop.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"
need_python
build
own_network
engine interop "$work"
