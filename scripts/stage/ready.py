"""What check.py does: it looks whether this machine is ready for the lesson."""

import argparse
import errno
import subprocess
import sys
from contextlib import suppress
from socket import SOCK_DGRAM, socket

from stage import source
from stage.project import HOST, PROGRAMS, PROTOCOLS, TOP
from stage.reach import reach
from stage.words import LANGUAGES, words

SECONDS = 5
IN_USE = errno.EADDRINUSE, 10048  # the second one is of Windows
WAIT = 'End the program that has it; if there is none, or you see TIME_WAIT, wait a minute.'
RESERVED = """\
Windows has reserved port {} (10013), for Hyper-V, WSL or Docker
Use another port in both programs; this lists the reserved ones:
netsh int ipv4 show excludedportrange protocol=tcp"""
FIREWALL = 'A firewall may forbid it: allow Python in private networks.'


def problem(what, then):
    sys.exit(f'not ready: {what}\n{then}')


def loopback():
    """What is wrong with 127.0.0.1 on this machine, or nothing."""
    try:
        with socket(type=SOCK_DGRAM) as sock:
            sock.bind((HOST, 0))
            sock.sendto(b'', sock.getsockname())
    except OSError as error:
        return f'{HOST} cannot be used on this machine: {error}'


def port_of(version):
    """The port that a program uses."""
    name = version.path.relative_to(TOP)
    what = source.missing(version.path, name)
    try:
        found = what or version.port
        what = what or f'{name} has no line like PORT = 21567'
    except (SyntaxError, ValueError) as error:
        found, what = None, f'{name} is not a Python program: {error}'
    if not isinstance(found, int):
        problem(what, 'To get the original back, unpack the ZIP again.')
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
    return 'No tool tells which program has it: end your own servers and clients.'


def bind(sock, port):
    try:
        sock.bind(('', port))
    except OSError as error:
        number = getattr(error, 'winerror', None) or error.errno
        if number in IN_USE:
            problem(f'port {port} is in use', f'{WAIT}\n{holder(port)}')
        if number == 10013:
            problem(*RESERVED.format(port).split('\n', 1))
        what = f'port {port} cannot be used: {error}'
        problem(what, 'Ask your teacher for another port.')


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


def parser(description):
    """For a command in several languages."""
    style = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=style)
    parser.add_argument('--lang', choices=LANGUAGES, default='en')
    return parser


def main(description):
    arguments = parser(description)
    arguments.add_argument('HOST', nargs='?')
    given = arguments.parse_args()
    if given.HOST:
        sys.exit(reach(given.HOST, words(given.lang), port_of))
    check_this_machine()


def check_this_machine():
    what = loopback()
    if what:
        problem(what, 'Ask your teacher: its loopback interface is off.')
    free = []
    for protocol, kind in PROTOCOLS.items():
        here = f'{protocol.upper()} on this machine'
        port = port_of(PROGRAMS[f'{protocol}-server'][0])
        free.append(f'port {port} is free')
        try:
            arrived = talk(kind, port)
        except OSError as error:
            problem(f'{here} does not work: {error}', FIREWALL)
        if arrived != b'hello':
            problem(f"{here} delivers {arrived}, not b'hello'", 'Ask your teacher.')
    version = '.'.join(map(str, sys.version_info[:3]))
    free = ', '.join(dict.fromkeys(free))
    print(f'ready: Python {version}, {free}, TCP and UDP work on this machine')
