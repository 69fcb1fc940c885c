"""What lab.py does: whoever opens its address in a browser plays scenarios on this machine.

It stands in a class network. A scenario is data: it is read here, and what is over a limit is refused
before anything runs. No code and no path come from a browser.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Callable
from urllib.parse import parse_qsl

from stage.commands.page import OWN_PAGES, PAGES
from stage.model import Action, Problem, ScenarioError
from stage.network import PLACES
from stage.project import PROTOCOLS, SCRIPTS, digest
from stage.runner import host, port
from stage.scenario import Scenario
from stage.turns import AT_A_TIME, WAITING, Left, Turns, run
from stage.words import LANGUAGES, Words, parser, words

# How an answer to a play is called in the terminal, and by HTTP.
STATUS = {
    'played': '200 OK',
    'wrong': '400 Bad Request',
    'left': '499 Client Closed Request',
    'failed': '500 Internal Server Error',
    'busy': '503 Service Unavailable',
}
SIGNALS = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
LINES = 60  # of a scenario; what it may use in all:
LIMITS = {'programs': 10, 'bytes': 8000, 'seconds': 12}
SIOCGIFADDR = 0x8915

# waitress gives a request to a thread only when it is whole, so that a slow one holds up nobody, and
# it limits heads, bodies, connections, and how long one is idle.
SERVER = {
    'threads': AT_A_TIME + WAITING + 20,
    'connection_limit': 500,
    'channel_timeout': 20,
    'cleanup_interval': 5,
    'channel_request_lookahead': 1,  # then it says when a browser has gone away
    'max_request_header_size': 16_000,
    'max_request_body_size': 64_000,
    'asyncore_use_poll': True,
    'ident': '',
}
HEADERS = {
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "default-src 'none'; connect-src 'self'; img-src data:; "
    "script-src 'unsafe-inline'; style-src 'unsafe-inline'; form-action 'none'",
}


# ── A scenario that somebody sends ───────────────────────────────────────────────────


def cost(action: Action) -> dict[str, int]:
    """What an action uses."""
    if action.verb == 'type':
        return {'bytes': len(action.value.encode())}
    if action.verb == 'pause':
        return {'seconds': action.value}
    return {'programs': action.verb == 'start'}


def check(text: str) -> None:
    """An error if it is no scenario, or over a limit."""
    if len(text.rstrip().split('\n')) > LINES:
        raise ScenarioError('too many lines', line=LINES + 1, most=LINES)
    used: Counter = Counter()
    for action in Scenario('', text).actions:
        used.update(cost(action))
        for what, most in LIMITS.items():
            if used[what] > most:
                raise ScenarioError(f'too many {what}', line=action.line, most=most)


# ── What a browser gets ──────────────────────────────────────────────────────────────


def pages(programs: str) -> dict[str, bytes]:
    """The page in each language. If the programs were changed, it has only hello, played anew."""
    found = {one: path.read_text('utf-8') for one, path in PAGES.items()}
    if not all(f'"{programs}"' in text for text in found.values()):
        command = ['bash', str(SCRIPTS / 'page.sh'), '--without-packets', 'hello']
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        found = {one: path.read_text('utf-8') for one, path in OWN_PAGES.items()}
    return {
        one: text.replace('<html ', '<html class="lab" ', 1).encode()
        for one, text in found.items()
    }


class Lab:
    """Answers requests (WSGI)."""

    def __init__(self, say: Words):
        self.say = say  # in the terminal
        self.turns, self.ends = Turns(), False
        self.programs = ''
        self.pages: dict[str, bytes] = {}
        self.making = threading.Lock()

    def __call__(self, request: dict, start: Callable) -> list[bytes]:
        answers = {
            'GET /': self.page,
            'GET /place': self.place,
            'POST /play': self.play,
        }
        answer = answers.get(f'{request["REQUEST_METHOD"]} {request["PATH_INFO"]}')
        status, kind, body = '404 Not Found', 'text/plain', b''
        if answer:
            given = dict(parse_qsl(request['QUERY_STRING']))
            status, kind, body = answer(request, given)
        headers = {'Content-Type': f'{kind}; charset=utf-8', **HEADERS}
        start(status, [*headers.items(), ('Content-Length', str(len(body)))])
        return [body]

    def page(self, request: dict, given: dict) -> tuple:
        """Of the programs as they are now."""
        with self.making:
            programs = digest()
            if programs != self.programs:
                self.pages = pages(programs)
                self.programs = programs
        return '200 OK', 'text/html', self.pages[language(request, given)]

    def place(self, request: dict, given: dict) -> tuple:
        """Where a play is in the queue, counted from 1; 0 does not wait."""
        place = self.turns.place(given.get('id', ''))
        return '200 OK', 'application/json', b'{"place": %d}' % place

    def play(self, request: dict, given: dict) -> tuple:
        """What `play.sh --json` prints."""
        say, begin = words(language(request, given)), time.monotonic()
        try:
            result, body = self.played(request, given, say)
        except ScenarioError as error:
            result, body = 'wrong', say.error(error)
        except Problem as error:
            result, body = 'busy', say.error(error)
        except Left:
            result, body = 'left', ''
        except Exception as error:  # the end of one play, and not of the server
            print(repr(error), file=sys.stderr)
            result, body = 'failed', say.error(Problem('play failed'))
        facts = {
            'now': time.strftime('%H:%M:%S'),
            'who': request['REMOTE_ADDR'],
            'result': self.say('lab', result),
            'seconds': round(time.monotonic() - begin, 1),
        }
        print(self.say('lab', 'play', **facts), flush=True)
        return STATUS[result], 'application/json', body.encode()

    def played(self, request: dict, given: dict, say: Words) -> tuple[str, str]:
        """The result, a key of STATUS, and the answer."""
        protocol = given.get('protocol')
        if protocol not in PROTOCOLS:
            raise ScenarioError('no such protocol', known=PROTOCOLS)
        try:
            text = request['wsgi.input'].read().decode('utf-8-sig')
        except UnicodeDecodeError:
            raise ScenarioError('not UTF-8') from None
        check(text)
        who = given.get('id', '')

        def has_left() -> bool:
            return self.ends or request['waitress.client_disconnected']()

        command = ['bash', SCRIPTS / 'play.sh', '--json', '--lang', say.language]
        with self.turns.turn(who, has_left), TemporaryDirectory() as folder:
            path = Path(folder, say('page', 'own')).with_suffix('.txt')
            path.write_text(text, 'utf-8')
            played = run([*command, path, protocol], folder, has_left)
        status, output, messages = played
        lines = output.split('\n')[:-1]
        if not lines:
            raise RuntimeError(messages)
        return ('wrong', lines[-1]) if status == 2 else ('played', lines[0])


def language(request: dict, given: dict) -> str:
    """That of the browser, if no other is asked for."""
    wanted = given.get('lang')
    if wanted in LANGUAGES:
        return wanted
    return 'zh-CN' if request.get('HTTP_ACCEPT_LANGUAGE', '').startswith('zh') else 'en'


# ── In the terminal ──────────────────────────────────────────────────────────────────


def addresses(host: str) -> Iterator[str]:
    """Under which a browser finds it: 0.0.0.0 is each address of this machine."""
    if host != '0.0.0.0':
        yield host
        return
    with socket.socket() as sock:
        for _, name in socket.if_nameindex():
            with suppress(OSError):  # it has none
                name_of_interface = struct.pack('256s', name.encode())
                found = fcntl.ioctl(sock, SIOCGIFADDR, name_of_interface)
                yield socket.inet_ntoa(found[20:24])


def is_root() -> bool:
    """Outside a user namespace, in which root is only called so."""
    inside, outside, _ = Path('/proc/self/uid_map').read_text().split()[:3]
    return os.geteuid() == 0 and outside == inside


def tell_what_is_missing(say: Words) -> None:
    """For packets."""
    own_network = ['unshare', '--net', '--map-root-user', 'true']
    unshare, nft = shutil.which('unshare'), shutil.which('nft', path=PLACES)
    if not unshare or subprocess.run(own_network, stderr=subprocess.DEVNULL).returncode:
        print(say('lab', 'no packets'))
    elif not nft:
        print(say.problem(Problem('no nftables')))


def serve(address: tuple[str, int], say: Words) -> None:
    if not find_spec('waitress'):
        raise Problem('no waitress', python=sys.executable)
    waitress: Any = import_module('waitress')  # only this command needs it
    lab = Lab(say)

    def end(*_: Any) -> None:
        lab.ends = True
        for number in SIGNALS:  # a second one does not stop what ends here
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    listening = socket.create_server(address)
    server = waitress.create_server(lab, sockets=[listening], **SERVER)
    for number in SIGNALS:
        signal.signal(number, end)
    for one in addresses(address[0]):
        print(say('lab', 'open', address=one, port=listening.getsockname()[1]))
    tell_what_is_missing(say)
    print(say('lab', 'end'), flush=True)
    server.run()
    lab.turns.end()


def main(description: str) -> None:
    options, say = parser(description), words()
    options.add_argument('HOST', type=host, nargs='?', default='127.0.0.1')
    options.add_argument('PORT', type=port, nargs='?', default=8000)
    given = options.parse_args()
    try:
        if is_root():
            raise Problem('as root')
        serve((given.HOST or '0.0.0.0', given.PORT), say)
    except Problem as problem:
        sys.exit(f'lab.py: {say.problem(problem)}')
    except (OSError, ValueError, OverflowError) as error:  # of the address
        sys.exit(f'lab.py: {error}')
