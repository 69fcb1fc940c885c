#!/usr/bin/env bash
# Makes the page: scenarios step by step, with the packets and both kernels, and the four programs side
# by side. It is one file that needs no network. Times and the clients' ports are replaced by fixed
# ones, so each run makes the same page.
#
# Without FILE it makes scripts/page.html and scripts/page.zh-CN.html, of all scenarios. With FILEs, or
# names of scenarios, it makes a page of these in target/, and prints its path.
#
# It needs Pygments (python3 -m pip install pygments), and a network namespace (Linux, unshare) to see
# the packets. With --without-packets it makes a page that says that there are none.
#
# Usage: scripts/page.sh [--help] [--without-packets] [FILE|NAME…]
source "$(dirname "${BASH_SOURCE[0]}")/lib/lib.sh"
help_or_go_on "$@"
need_python
"$python" -c 'import pygments' 2>/dev/null ||
    die "Pygments is missing; get it with $python -m pip install pygments"
own_network
if [ "${1-}" = --without-packets ]; then
    shift
elif [ -z "$NETWORK" ]; then
    die 'packets cannot be seen here: this system gives no network namespace (Linux, unshare); see --without-packets'
fi
build

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
most=1 # a changed program may differ in Rust: exit status 1
pages=("$top/target/page.html en")
if [ $# -eq 0 ]; then
    most=0
    pages=("$top/scripts/page.html en" "$top/scripts/page.zh-CN.html zh-CN")
    # shellcheck disable=SC2046  # names
    set -- $("$top/scripts/play.sh" --list | cut -d ' ' -f 1)
fi
number=1000
for one; do
    number=$((number + 1))
    { "$top/scripts/play.sh" --json "$one" || [ $? -le $most ] || touch "$work/failed"; } \
        >"$work/$number.json" &
    [ $((number % 3)) -ne 0 ] || wait # three at a time
done
wait
[ ! -e "$work/failed" ] || die 'a scenario failed'
cat "$work"/*.json >"$work/recordings"

mkdir -p "$top/target"
for page in "${pages[@]}"; do
    "$python" "$top/scripts/page/build.py" "${page% *}" "$top/scripts/page/${page##* }.json" \
        "$work/recordings"
    echo "${page% *}"
done
