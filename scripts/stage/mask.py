"""Hides what differs from run to run, so that plays can be compared: times and clients' ports."""

from __future__ import annotations

import re
import time

STAMP = r'\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] '
RECENT = 600  # seconds


def times(text: str, recent: bool = True, instead: str = '[TIME] ') -> str:
    """Replaces each timestamp; if recent, only those of the last ten minutes."""
    now = time.time()
    stamps = {f'[{time.ctime(now - ago)}] ' for ago in range(RECENT)} if recent else ()

    def mask(match: re.Match) -> str:
        return instead if not recent or match[0] in stamps else match[0]

    return re.sub(STAMP, mask, text)


def ports(text: str, clients: dict[int, str] | None, servers) -> str:
    """Each client's port becomes PORT. If it is known whose they are, other ports stay."""
    several = clients and len({*clients.values()}) > 1

    def mask(match: re.Match) -> str:
        port = int(match[2])
        if port in servers or clients is not None and port not in clients:
            return match[0]
        return match[1] + (
            f'PORT of {clients[port]}' if several and clients else 'PORT'
        )

    return re.sub(r"(127\.0\.0\.1(?:', |:))(\d+)\b", mask, text)


def number(text: str, port: int, shown: int) -> str:
    """Shows another number for a port."""
    return re.sub(rf'\b{port}\b', str(shown), text)
