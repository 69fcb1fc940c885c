"""Hides what differs from run to run, so that outputs can be compared: times and ports."""
import re
import time

SERVER_PORT = 21567     # the programs have it; it is not masked
STAMP = r'\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] '


def times(text, recent=True):
    """Each timestamp becomes [TIME]; if recent, only those of the last ten minutes."""
    now = time.time()
    stamps = {f'[{time.ctime(now - ago)}] ' for ago in range(600)} if recent else ()
    return re.sub(STAMP, lambda match: '[TIME] ' if not recent or match[0] in stamps else match[0],
                  text)


def ports(text, names=None):
    """Each client's port becomes PORT. If it is known whose they are, other ports stay."""
    def mask(match):
        port = int(match[2])
        if port == SERVER_PORT or names is not None and port not in names:
            return match[0]
        several = names and len({*names.values()}) > 1
        return match[1] + (f'PORT of {names[port]}' if several else 'PORT')
    return re.sub(r"(127\.0\.0\.1(?:', |:))(\d+)\b", mask, text)
