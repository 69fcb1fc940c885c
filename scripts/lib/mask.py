"""Masks what differs from run to run, so that screens can be compared:
mask.py <SCREEN

A stamp becomes [TIME], but only one that ctime() gave in the last ten minutes.
The client's port becomes PORT1; a second one on the same screen, PORT2.
"""
import re
import sys
import time

STAMPS = {time.ctime(time.time() - ago) for ago in range(600)}


def stamps_masked(text):
    def mask(match):
        return '[TIME] ' if match[1] in STAMPS else match[0]
    return re.sub(r'\[(.{24})\] ', mask, text)


def ports_masked(text, pattern):
    """The pattern has three groups: what stands before, the port, and after."""
    ports = []

    def mask(match):
        before, port, after = match.groups()
        if port not in ports:
            ports.append(port)
        return f'{before}PORT{ports.index(port) + 1}{after}'
    return re.sub(pattern, mask, text)


if __name__ == '__main__':
    # Bytes that are no UTF-8 pass through unchanged, and so does '\r'.
    screen = sys.stdin.buffer.read().decode('utf-8', 'surrogateescape')
    screen = stamps_masked(screen)
    screen = ports_masked(screen, r"(?m)(\('127\.0\.0\.1', )(\d+)(\))$")
    sys.stdout.buffer.write(screen.encode('utf-8', 'surrogateescape'))
