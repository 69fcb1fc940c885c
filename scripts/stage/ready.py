"""What check.py does: it looks whether this machine is ready for the lesson."""

import errno
import subprocess
import sys
from contextlib import suppress
from socket import SOCK_DGRAM, socket

from stage import source
from stage.project import HOST, PROGRAMS, PROTOCOLS, TOP
from stage.reach import reach
from stage.words import parser, words

SECONDS = 5
IN_USE = errno.EADDRINUSE, 10048  # the second one is of Windows


def problem(key, **facts):
    sys.exit(words()('ready', 'not', text=words()('ready', key, **facts)))


def loopback():
    """What is wrong with 127.0.0.1 on this machine, or nothing."""
    try:
        with socket(type=SOCK_DGRAM) as sock:
            sock.bind((HOST, 0))
            sock.sendto(b'', sock.getsockname())
    except OSError as error:
        return words()('problems', 'no loopback', host=HOST, error=error)


def port_of(version):
    """The port that a program uses."""
    name = version.path.relative_to(TOP)
    missing = source.missing(version.path, name)
    if missing:
        problem('missing', text=missing)
    try:
        found = version.port
    except (SyntaxError, ValueError) as error:
        problem('no Python', file=name, error=error)
    if not isinstance(found, int):
        problem('no port', file=name)
    return found


def holder(port):
    """What the system tells about the program that has the port."""
    for command in f'ss -Hlnp sport = :{port}', f'lsof -nP -i:{port}', 'netstat -ano':
        with suppress(OSError, subprocess.SubprocessError):
            options = {'capture_output': True, 'timeout': SECONDS, 'errors': 'replace'}
            output = subprocess.run(command.split(' ', 2), **options).stdout
            for line in output.splitlines():
                if f':{port} ' in line + ' ':
                    return line.strip()
    return words()('ready', 'no holder')


def bind(sock, port):
    try:
        sock.bind(('', port))
    except OSError as error:
        number = getattr(error, 'winerror', None) or error.errno
        if number in IN_USE:
            problem('in use', port=port, holder=holder(port))
        if number == 10013:
            problem('reserved', port=port)
        problem('no bind', port=port, error=error)


def talk(kind, port):
    """Sends hello from one socket to another; returns what arrives."""
    with socket(type=kind) as server, socket(type=kind) as client:
        bind(server, port)
        server.settimeout(SECONDS)
        client.settimeout(SECONDS)
        if kind == SOCK_DGRAM:
            client.sendto(b'hello', (HOST, port))
            return server.recv(1024)
        server.listen(5)
        client.connect((HOST, port))
        with server.accept()[0] as connection:
            client.sendall(b'hello')
            arrived = connection.recv(1024)
            client.close()  # first: so the server's port is free at once
            return arrived + connection.recv(1024)


def main(description):
    options = parser(description)
    options.add_argument('HOST', nargs='?')
    given = options.parse_args()
    if given.HOST:
        sys.exit(reach(given.HOST, words(), port_of))
    check_this_machine()


def check_this_machine():
    what = loopback()
    if what:
        problem('no loopback', text=what)
    say, free = words(), []
    for protocol, kind in PROTOCOLS.items():
        port = port_of(PROGRAMS[f'{protocol}-server'][0])
        free.append(say('ready', 'free', port=port))
        try:
            arrived = talk(kind, port)
        except OSError as error:
            problem('broken', protocol=protocol.upper(), error=error)
        if arrived != b'hello':
            problem('changed', protocol=protocol.upper(), data=arrived)
    version = '.'.join(map(str, sys.version_info[:3]))
    free = say.join('facts', dict.fromkeys(free))
    print(say('ready', 'ready', version=version, free=free))
