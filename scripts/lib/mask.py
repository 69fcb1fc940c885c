"""Hides what differs from run to run, so that screens can be compared:
mask.py [PORT] <SCREEN

A stamp becomes [TIME], but only one that ctime() gave in the last ten minutes. The
client's port becomes PORT: it must be the PORT given, or the same on all lines.
"""
import re
import sys
import time

SERVERS = '21567'   # the server's port stands in the programs


def times(text, recent=True):
    stamps = {time.ctime(time.time() - ago) for ago in range(600)}

    def mask(match):
        return match[0] if recent and match[1] not in stamps else '[TIME] '
    return re.sub(r'\[(\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4})\] ', mask, text)


def ports(text, clients=()):
    """Of several clients, if their ports are known; else all must be the same."""
    pattern = r"\b(127\.0\.0\.1(?:', |:))(\d+)\b"
    shown = {port for _, port in re.findall(pattern, text)} - {SERVERS}
    clients = {*map(str, clients)} or {*sorted(shown)[:1]}
    if shown - clients:
        raise ValueError(f"as the client's port is shown {', '.join(sorted(shown - clients))}, "
                         f"which is {', '.join(sorted(clients))}")
    return re.sub(pattern, lambda match: match[0] if match[2] == SERVERS else f'{match[1]}PORT',
                  text)


def masked(text, clients=()):
    return ports(times(text), clients)


if __name__ == '__main__':
    # Bytes that are no UTF-8 pass through unchanged, and so does '\r'.
    screen = sys.stdin.buffer.read().decode('utf-8', 'surrogateescape')
    try:
        screen = masked(screen, sys.argv[1:])
    except ValueError as wrong:
        sys.exit(str(wrong))
    sys.stdout.buffer.write(screen.encode('utf-8', 'surrogateescape'))
