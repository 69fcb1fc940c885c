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

from programs import free_port, python_command, python_file, run
from show import title

HOST = '127.0.0.1'
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
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        connection.close()
        if answer:
            types('again')(client)
    return act


def fail(argv, failure):
    """Runs a program until it fails: its exit status, and its last message."""
    with subprocess.Popen([*map(str, argv)], bufsize=0, stdin=subprocess.PIPE,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
        failure.act(program)
        try:
            messages = program.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            program.kill()
            raise OSError(f'this does not fail: {argv}') from None
    return program.returncode, ''.join(messages.decode().splitlines()[-1:])


def in_python(program, failure):
    """The error's number, its name and its text. A class of errors that has no numbers of the
    system is itself the name."""
    argv = python_command(python_file(program), [failure.host, failure.port])
    message = fail(argv, failure)[1]
    kind, number, text = re.fullmatch(r'(?:\w+\.)?(\w+): (?:\[Errno (-?\d+)\] )?(.*)',
                                      message).groups()
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
    number, name, text = in_python(program, failure)
    status, start, end = expected(program, failure, number, name, text)
    argv = [f"{os.environ['BIN']}/{program}", failure.host, failure.port]
    got, message = fail(argv, failure)
    fine = got == status and message.startswith(start) and message.endswith(end)
    colour, plain = os.environ['GREEN' if fine else 'RED'], os.environ['PLAIN']
    rust = f"{colour}{got if fine else f'!{got}':>4}{plain}"
    print(f'{failure.what:<19} {number:>6} {rust}  {name:<13} {text}', flush=True)
    return [] if fine else [f'{program}, {failure.what}: expected status {status} and a message '
                            f"'{start}…{end}', got {got} and '{message}'"]


def failures(server, used):
    """Each program with its failures. The server listens, and its port is in use."""
    def failure(what, call, port=used, host=HOST, act=HELLO):
        return Failure(what, call, host, port, act)
    every = [failure('an unknown host', 'getaddrinfo', host='nosuch.invalid'),
             failure('port 65536', '', 65536)]
    servers = [failure('a port in use', 'bind'),
               failure('not our address', 'bind', host='192.0.2.1'), *every]
    yield 'tcp-client', [
        failure('nobody listens', 'connect', free_port()),
        failure('a reset', 'recv', act=resets(server)),
        failure('reset, then a line', 'send', act=resets(server, answer=True)),
        failure('FIN, reset, a line', 'send', act=resets(server, answer=True, fin=True)), *every]
    yield 'udp-client', [
        failure('a broadcast address', 'sendto', host='127.255.255.255'),
        failure('a line too long', 'sendto', act=types(' ' * 65508)), *every]    # 65507 bytes fit
    yield 'tcp-server', servers
    yield 'udp-server', servers


def main():
    wrong, used = [], free_port()
    with socket.create_server((HOST, used)) as server, socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind((HOST, used))
        for program, rows in failures(server, used):
            print(title(program))
            print('{BOLD}{:<19} Python Rust  {:13} {}{PLAIN}'.format('failure', 'name', 'text',
                                                                     **os.environ))
            wrong += [text for failure in rows for text in show(program, failure)]
    for text in wrong:
        print(f'errors.sh: {text}', file=sys.stderr)
    return 1 if wrong else 0


if __name__ == '__main__':
    run(main)
