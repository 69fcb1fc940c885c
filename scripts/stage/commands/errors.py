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

# The failure, the call that fails, the address, and what happens after the program has started.
FAILURES = """tcp-client
nobody listens       connect      {here}           {free}  a line
a reset              recv         {here}           {used}  a line, reset
reset, then a line   send         {here}           {used}  a line, answer, reset
FIN, reset, a line   send         {here}           {used}  a line, answer, FIN, reset
an unknown host      getaddrinfo  nosuch.invalid   {used}  a line
port 65536           -            {here}           65536   a line

udp-client
a broadcast address  sendto       127.255.255.255  {used}  a line
a line too long      sendto       {here}           {used}  a long line
an unknown host      getaddrinfo  nosuch.invalid   {used}  a line
port 65536           -            {here}           65536   a line

tcp-server
a port in use        bind         {here}           {used}  nothing
not our address      bind         192.0.2.1        {used}  nothing
an unknown host      getaddrinfo  nosuch.invalid   {used}  nothing
port 65536           -            {here}           65536   nothing

udp-server
a port in use        bind         {here}           {used}  nothing
not our address      bind         192.0.2.1        {used}  nothing
an unknown host      getaddrinfo  nosuch.invalid   {used}  nothing
port 65536           -            {here}           65536   nothing"""
LONG = ' ' * 65508  # 65507 bytes fit
Failure = namedtuple('Failure', 'what call host port events')


def type_line(program, line):
    with suppress(BrokenPipeError):  # it has exited
        program.stdin.write(line.encode() + b'\n')


def act(program, events, server):
    """Somebody types a line. The server may answer it, send a FIN, or reset the connection; after
    an answer somebody types the next line."""
    if 'line' in events:
        type_line(program, LONG if 'long' in events else 'hello')
    if 'reset' in events:
        connection = server.accept()[0]
        message = connection.recv(1024)
        if 'answer' in events:
            connection.send(message)
        if 'FIN' in events:
            connection.shutdown(socket.SHUT_WR)
        # To linger for 0 seconds means to close with a reset.
        linger = struct.pack('ii', 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
    if 'answer' in events:
        type_line(program, 'again')


def fail(version, failure, server):
    """Runs a program until it fails: its exit status, and its last message."""
    argv = version.command(failure.host, failure.port)
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        argv, bufsize=0, stdin=pipe, stdout=nowhere, stderr=pipe
    ) as program:
        act(program, failure.events, server)
        try:
            messages = program.communicate(timeout=60)[1].decode()
        except subprocess.TimeoutExpired:
            program.kill()
            raise Problem('does not fail', command=' '.join(argv)) from None
    return program.returncode, ''.join(messages.splitlines()[-1:])


def expected(program, failure, message):
    """Python's number, name and text of an error; Rust's exit status, and how its message begins
    and ends. A class of errors that has no numbers of the system is itself the name."""
    pattern = r'(?:\w+\.)?(\w+): (?:\[Errno (-?\d+)\] )?(.*)'
    name, number, text = re.fullmatch(pattern, message).groups()
    if name == 'OverflowError':
        return '-', name, text.split(': ')[-1], 2, f'usage: {program} ', ''
    start = f'{program}: {failure.call} {failure.host}:{failure.port}: '
    if name == 'gaierror':
        return number, name, text, 1, start, ''
    name = errno.errorcode[int(number)]
    return number, name, text, int(number), start, f'{text} (os error {number})'


def show(program, failure, server):
    """Prints a row; returns what is wrong."""
    python, rust = PROGRAMS[program]
    error = fail(python, failure, server)[1]
    number, name, text, status, start, end = expected(program, failure, error)
    got, message = fail(rust, failure, server)
    is_right = got == status and message.startswith(start) and message.endswith(end)
    colour, plain = os.environ['GREEN' if is_right else 'RED'], os.environ['PLAIN']
    shown = f'{colour}{got if is_right else f"!{got}":>4}{plain}'
    print(f'{failure.what:<19} {number:>6} {shown}  {name:<13} {text}', flush=True)
    if is_right:
        return []
    facts = {'program': program, 'failure': failure.what, 'status': status, 'got': got}
    return [Problem('wrong error', start=start, end=end, message=message, **facts)]


def main():
    wrong, used = [], free_port()
    failures = FAILURES.format(here=HOST, free=free_port(), used=used)
    udp = socket.socket(type=socket.SOCK_DGRAM)
    with socket.create_server((HOST, used)) as server, udp:
        udp.bind((HOST, used))
        for program, *rows in map(str.splitlines, failures.split('\n\n')):
            print(title(program))
            print(bold(f'{"failure":<19} Python Rust  {"name":13} text'))
            for row in rows:
                failure = Failure(*re.split('  +', row))
                wrong += show(program, failure, server)
    for problem in wrong:
        print(f'errors.sh: {words().problem(problem)}', file=sys.stderr)
    return 1 if wrong else 0
