#!/usr/bin/env bash
# How much faster is Rust? Runs the Rust programs and their Python halves side by
# side, in turns, and prints medians and ratios: round trips a second over TCP
# and UDP, processor time per request, peak memory, start-up time, size on disk.
# It takes at most two minutes, and exits with 1 where a number cannot be right or
# a limit is broken: 2.2 MiB of memory for a server; on disk 420 KiB for a server
# and 320 KiB for a client. No limit is on a time.
#
# Both servers of a protocol run all the time, one at a time has load. The Python
# servers write their screen line by line, as on a terminal.
#
# Usage: scripts/bench.sh [--help] [--quick]
#   --quick  only checks, in seconds, that all works; its numbers are rough
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
quick=''
if [ "${1-}" = --quick ]; then
    quick=--quick
    shift
fi
no_more_arguments "$@"

[ -r /proc/self/stat ] || die 'this needs Linux: it reads /proc'
need_python
build
load=$work/load # by rustc alone: cargo would first build what the tests need
rustc --edition 2024 -O -o "$load" "$top/common/examples/load.rs" ||
    die 'the load generator did not build'
by_line='import sys
sys.stdout.reconfigure(line_buffering=True)
del sys.argv[0]
exec(open(sys.argv[0]).read())'

# The arguments become the servers.
for protocol in tcp udp; do
    start_server rust "$protocol" "rust-$protocol"
    set -- "$@" "$protocol:rust:$pid:$port"
    start_server other "$protocol" "python-$protocol" "$python" -c "$by_line" \
        "$top/scripts/lib/run_half.py" "$top/$protocol-server/${protocol}_server.py"
    set -- "$@" "$protocol:python:$pid:$port"
done

# In the background, as a signal would otherwise wait for it to end; and the first
# to be ended, so that it does not miss its servers.
"$python" "$top/scripts/lib/bench.py" $quick "$top" "$bin" "$work" "$load" "$@" &
bench=$!
started=" $bench$started"
status_of "$bench"
exit "$status"
