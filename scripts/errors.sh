#!/usr/bin/env bash
# What does that number mean? Makes the four programs fail in every way that is
# easy to arrange, each time the Python half too, and prints a table: what was
# arranged, the number in Python, our exit status, and what Python's errno and
# os.strerror call that number. The number in Python is what connect_ex returns,
# or else the errno of the exception.
#
# It exits 1 where our status is another number than Python's, or where our
# message gives another call, address, number or text. Two kinds of failure have no
# number of the system: an unknown host (gaierror) is 1 in Rust, an impossible port
# (OverflowError) is 2.
#
# Nothing leaves this machine, but for the question after the unknown host.
#
# Usage: scripts/errors.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"

need_python
build
export RES_OPTIONS='timeout:1 attempts:1' # do not ask long for the unknown host
engine errors
