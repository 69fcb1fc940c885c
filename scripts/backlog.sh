#!/usr/bin/env bash
# What does the 5 in listen(5) do? The server talks to one client at a time. This
# script connects eight, one after another, and shows where the kernel has each:
#
#   talks    the server has accepted it
#   queued   the kernel has connected it and keeps it for the server: both ends are
#            ESTABLISHED, but no program holds the server's end; the client shows
#            its prompt, and what it has sent lies there unread
#   waits    the queue is full, so the kernel leaves its SYN without an answer: the
#            client is still in connect (SYN-SENT), and its kernel asks again after
#            a second, and then ever more seldom
#
# Linux queues one more than the backlog, six for listen(5). Then the clients leave,
# always the one that talks: the server takes the next from the queue, and the one
# that waits gets the free place when its kernel next asks. It exits 1 unless all
# this is so.
#
# Usage: scripts/backlog.sh [--help]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
no_more_arguments "$@"
[ -r /proc/net/tcp ] || die 'this needs Linux: it reads /proc'
need_python
build
engine backlog "$work"
