"""What errors.sh does: makes the programs fail, in both languages."""

import errno
import os
import re
import socket
import struct
import subprocess
import sys
from collections import namedtuple
from contextlib import suppress

from stage.model import Problem
from stage.processes import free_port
from stage.project import HOST, PROGRAMS
from stage.terminal import bold, title
from stage.words import words

# `call` is the one that fails, `act` what happens after the program has started.
Failure = namedtuple('Failure', 'what call host port act')


def types(line):
    """Somebody types a line."""

    def act(program):
        with suppress(BrokenPipeError):  # it has exited
            program.stdin.write(line.encode() + b'\n')

    return act


HELLO = types('hello')


def resets(server, answer=False, fin=False):
    """The client's line is followed by a reset; perhaps the server sends an answer and a FIN
    before. After an answer somebody types the next line."""

    def act(client):
        HELLO(client)
        connection = server.accept()[0]
        message = connection.recv(1024)
        if answer:
            connection.send(message)
        if fin:
            connection.shutdown(socket.SHUT_WR)
        # To linger for 0 seconds means to close with a reset.
        connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)
        )
        connection.close()
        if answer:
            types('again')(client)

    return act


def fail(version, failure):
    """Runs a program until it fails: its exit status, and its last message."""
    argv = version.language.command(version, [failure.host, str(failure.port)])
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        argv, bufsize=0, stdin=pipe, stdout=nowhere, stderr=pipe
    ) as program:
        failure.act(program)
        try:
            messages = program.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            program.kill()
            raise Problem('does not fail', command=' '.join(argv)) from None
    return program.returncode, ''.join(messages.decode().splitlines()[-1:])


def in_python(python, failure):
    """The error's number, its name and its text. A class of errors that has no numbers of the
    system is itself the name."""
    message = fail(python, failure)[1]
    pattern = r'(?:\w+\.)?(\w+): (?:\[Errno (-?\d+)\] )?(.*)'
    kind, number, text = re.fullmatch(pattern, message).groups()
    if kind in ('gaierror', 'OverflowError'):
        return number or '-', kind, text.split(': ')[-1]
    return number, errno.errorcode[int(number)], text


def expected(program, failure, number, name, text):
    """Rust's exit status, and how its message begins and ends."""
    if name == 'gaierror':
        return 1, f'{program}: getaddrinfo {failure.host}:{failure.port}: ', ''
    if name == 'OverflowError':
        return 2, f'usage: {program} ', ''
    start = f'{program}: {failure.call} {failure.host}:{failure.port}: '
    return int(number), start, f'{text} (os error {number})'


def show(program, failure):
    """Prints a row; returns what is wrong."""
    python, rust = PROGRAMS[program]
    number, name, text = in_python(python, failure)
    status, start, end = expected(program, failure, number, name, text)
    got, message = fail(rust, failure)
    is_right = got == status and message.startswith(start) and message.endswith(end)
    colour, plain = os.environ['GREEN' if is_right else 'RED'], os.environ['PLAIN']
    shown = f'{colour}{got if is_right else f"!{got}":>4}{plain}'
    print(f'{failure.what:<19} {number:>6} {shown}  {name:<13} {text}', flush=True)
    if is_right:
        return []
    facts = {'program': program, 'failure': failure.what, 'status': status, 'got': got}
    return [Problem('wrong error', start=start, end=end, message=message, **facts)]


def failures(server, used):
    """Each program with its failures. The server listens, and its port is in use."""

    def failure(what, call, port=used, host=HOST, act=HELLO):
        return Failure(what, call, host, port, act)

    every = [
        failure('an unknown host', 'getaddrinfo', host='nosuch.invalid'),
        failure('port 65536', '', 65536),
    ]
    servers = [
        failure('a port in use', 'bind'),
        failure('not our address', 'bind', host='192.0.2.1'),
        *every,
    ]
    yield (
        'tcp-client',
        [
            failure('nobody listens', 'connect', free_port()),
            failure('a reset', 'recv', act=resets(server)),
            failure('reset, then a line', 'send', act=resets(server, answer=True)),
            failure(
                'FIN, reset, a line', 'send', act=resets(server, answer=True, fin=True)
            ),
            *every,
        ],
    )
    yield (
        'udp-client',
        [
            failure('a broadcast address', 'sendto', host='127.255.255.255'),
            failure(
                'a line too long', 'sendto', act=types(' ' * 65508)
            ),  # 65507 bytes fit
            *every,
        ],
    )
    yield 'tcp-server', servers
    yield 'udp-server', servers


def main():
    wrong, used = [], free_port()
    udp = socket.socket(type=socket.SOCK_DGRAM)
    with socket.create_server((HOST, used)) as server, udp:
        udp.bind((HOST, used))
        for program, rows in failures(server, used):
            print(title(program))
            print(bold(f'{"failure":<19} Python Rust  {"name":13} text'))
            for failure in rows:
                wrong += show(program, failure)
    for problem in wrong:
        print(f'errors.sh: {words().problem(problem)}', file=sys.stderr)
    return 1 if wrong else 0
