#!/usr/bin/env bash
# Tests the page that side-by-side.sh --html writes, in a Chromium without a
# window: every line is there and in order, every link lands, nothing is wider
# than the window (1280 and 390 pixels), the text stands out by day, by night
# and on paper, and it works by keys, without a network and without scripts.
#
# Usage: scripts/check-page.sh [--help] [--screenshots DIR] [PAGE]
#
#   --screenshots DIR  also writes pictures and the printed page there
#   PAGE               the page to test [default: a new one]
# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
help_or_go_on "$@"

pictures='' page=''
if [ "${1-}" = --screenshots ]; then
    pictures=${2-}
    [ -n "$pictures" ] || wrong_usage --screenshots
    shift 2
fi
case ${1-} in
    -*) wrong_usage "$1" ;;
    ?*) page=$1 && shift ;;
esac
no_more_arguments "$@"

need python3 'the package python3 of your system'
for browser in google-chrome chromium-browser chromium; do
    ! command -v "$browser" >/dev/null || break
done
need "$browser" 'the package chromium of your system'

if [ -z "$page" ]; then
    page=$("$top/scripts/side-by-side.sh" --html)
    echo "$page"
fi
[ -f "$page" ] || die "there is no page $page"
[ -z "$pictures" ] || mkdir -p "$pictures"

# The browser takes its orders from a pipe and keeps its files in $work. The
# page is our own and needs no sandbox, which not every system gives to users;
# and the test follows more links in a second than flooding protection allows.
mkfifo "$work/orders" "$work/answers"
HOME=$work TMPDIR=$work exec "$browser" --headless --no-sandbox --disable-gpu --no-first-run \
    --disable-breakpad --disable-ipc-flooding-protection \
    --user-data-dir="$work/browser" --remote-debugging-pipe \
    3<"$work/orders" 4>"$work/answers" >"$work/browser.log" 2>&1 </dev/null &
pid=$!
started+=("$pid")
python3 "$top/scripts/check_page.py" "$work/orders" "$work/answers" "$page" "$pictures" &
started+=("$!")
wait "$!"           # so that a signal need not wait for it
wait "$pid" || true # it was told to close
