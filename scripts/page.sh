#!/usr/bin/env bash
# Makes the page: scenarios step by step, with the packets and both kernels, the four programs side by
# side, and the documents for students. It is one file that needs no network. Times and the clients'
# ports are replaced by fixed ones, so each run makes the same page.
#
# Without FILE it makes scripts/page.html and scripts/page.zh-CN.html, of all scenarios. With FILEs, or
# names of scenarios, it makes a page of these in target/, and prints its path.
#
# It needs Pygments and markdown-it-py (python3 -m pip install pygments markdown-it-py), and a network
# namespace (Linux, unshare) to see the packets. With --without-packets it makes a page that says that
# there are none.
#
# Usage: scripts/page.sh [--help] [--without-packets] [FILE|NAME…]
. "$(dirname "$(readlink -f "$0" 2>/dev/null || echo "$0")")/stage/door.sh" || exit
need_python
build
own_network
engine page "$@"
