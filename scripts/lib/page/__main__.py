"""Joins each Python program and its Rust port; side-by-side.sh runs it.

    python3 scripts/lib/page text [--colour] PROGRAM…   the two columns
    python3 scripts/lib/page html RECORDS PAGE          the page, needs Pygments

RECORDS is a folder. Of each pair it has PROTOCOL-port, -typed, -client.out,
-server.out and -server.err, and as PROTOCOL-steps.json what steps.sh --json prints.
"""
import signal
import sys

from join import Untrue


def main():
    command, rest = sys.argv[1:2], sys.argv[2:]
    try:
        if command == ['text']:
            from text import side_by_side
            side_by_side([name for name in rest if name != '--colour'], '--colour' in rest)
        elif command == ['html'] and len(rest) == 2:
            from page import page
            page(*rest)
        else:
            sys.exit(__doc__)
    except Untrue as wrong:
        sys.exit(f'side-by-side.sh: {wrong}')
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == '__main__':
    if hasattr(signal, 'SIGPIPE'):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `| head`
    main()
