"""What check.py HOST does: it says hello to the servers of another machine, and what came of it."""

import errno
from functools import partial
from socket import SOCK_DGRAM, gethostbyname, socket, timeout

from stage.project import PROGRAMS, PROTOCOLS
from stage.words import readable

SECONDS = 5
NO_ROUTE = errno.EHOSTUNREACH, errno.ENETUNREACH


def hello(kind, address):
    """The key of the text for what came of it, and the reply or the error."""
    is_udp = kind == SOCK_DGRAM
    state = 'timed out'
    with socket(type=kind) as sock:
        sock.settimeout(SECONDS)
        try:
            sock.connect(address)  # UDP, too: so that a refusal is reported
            state = 'silence' if is_udp else 'prompt'
            sock.sendall(b'hello')
            reply = readable(sock.recv(1024))
            return 'answered' if reply else 'closed', reply
        except (timeout, TimeoutError):
            return state, ''
        except ConnectionRefusedError:
            return 'refused', ''
        except ConnectionError:  # on Windows, UDP is refused like this
            return 'refused' if is_udp else 'closed', ''
        except OSError as error:
            return 'no route' if error.errno in NO_ROUTE else 'other', error


def reach(host, words, port_of):
    """Returns what is missing, as a sentence. The ports are those of the clients on this machine."""
    say, missing = partial(words, 'reach', host=host, seconds=SECONDS), []
    try:
        address = gethostbyname(host)
    except (OSError, UnicodeError) as error:
        return say('no address', error=error)
    for name, kind in PROTOCOLS.items():
        port = port_of(PROGRAMS[f'{name}-client'][0])
        key, fact = hello(kind, (address, port))
        facts = {'protocol': name.upper(), 'port': port}
        text = say(key, fact=fact, server=f'{name}-server', **facts)
        print(say('line', text=text, **facts), flush=True)
        if key != 'answered':
            missing.append(name.upper())
    if missing:
        return say('missing', protocols=words.join('names', missing))
    return print(say('all'))
