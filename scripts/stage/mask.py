"""Hides what differs from run to run, so that plays can be compared: times and clients' ports."""

from __future__ import annotations

import re
import time

from stage.model import side

STAMP = r'\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] '
RECENT = 600  # seconds


def times(text: str, recent: bool = True, instead: str = '[TIME] ') -> str:
    """Replaces each timestamp; if recent, only those of the last ten minutes."""
    if not recent:
        return re.sub(STAMP, instead, text)
    now = time.time()
    stamps = {f'[{time.ctime(now - ago)}] ' for ago in range(RECENT)}
    return re.sub(STAMP, lambda one: instead if one[0] in stamps else one[0], text)


def ports(text: str, owners: dict[int, str], others_stay: bool = False) -> str:
    """Each client's port becomes PORT. So does one that nobody has, unless these stay."""
    several = len({who for who in owners.values() if side(who) == 'client'}) > 1

    def mask(match: re.Match) -> str:
        who = owners.get(int(match[2]), 'server' if others_stay else 'client')
        if side(who) == 'server':
            return match[0]
        return match[1] + (f'PORT of {who}' if several else 'PORT')

    return re.sub(r"(127\.0\.0\.1(?:', |:))(\d+)\b", mask, text)


def number(text: str, port: int, shown: int) -> str:
    """Shows another number for a port."""
    return re.sub(rf'\b{port}\b', str(shown), text)
