#!/usr/bin/env python3
"""Checks before the lesson whether this machine is ready: Python, the port, TCP and UDP. It prints
`ready`, or what is wrong and what to do."""
import errno
import socket
import subprocess
import sys
from contextlib import suppress

PORT = 21567
SECONDS = 5
HOLDERS = ['ss', '-Hlnp', f'sport = :{PORT}'], ['lsof', '-nP', f'-i:{PORT}'], ['netstat', '-ano']
IN_USE, RESERVED = (errno.EADDRINUSE, 10048), 10013     # the second ones are of Windows


def problem(what, then):
    sys.exit(f'not ready: {what}\n{then}')


def holder():
    """What the system tells about the program that has the port."""
    for argv in HOLDERS:
        with suppress(OSError, subprocess.SubprocessError):
            text = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                  timeout=SECONDS).stdout.decode('utf-8', 'replace')
            for line in text.splitlines():
                if f':{PORT} ' in line + ' ':
                    return line.strip()
    return 'No tool tells which program has it: end your own servers and clients.'


def bind(sock):
    try:
        sock.bind(('', PORT))
    except OSError as error:
        number = getattr(error, 'winerror', None) or error.errno
        if number in IN_USE:
            problem(f'port {PORT} is in use', f'End the program that has it; if there is none, '
                    f'or you see TIME_WAIT, wait a minute.\n{holder()}')
        if number == RESERVED:
            problem(f'Windows has reserved port {PORT} (10013), for Hyper-V, WSL or Docker',
                    'Use another port in both programs; this lists the reserved ones:\n'
                    'netsh int ipv4 show excludedportrange protocol=tcp')
        problem(f'port {PORT} cannot be used: {error}', 'Ask your teacher for another port.')


def talk(kind):
    """Sends hello from one socket to another; returns what arrives."""
    with socket.socket(type=kind) as server, socket.socket(type=kind) as client:
        bind(server)
        server.settimeout(SECONDS)
        client.settimeout(SECONDS)
        if kind == socket.SOCK_DGRAM:
            client.sendto(b'hello', ('127.0.0.1', PORT))
            return server.recv(1024)
        server.listen(5)
        client.connect(('127.0.0.1', PORT))
        with server.accept()[0] as connection:
            client.sendall(b'hello')
            arrived = connection.recv(1024)
            client.close()          # first: so the server's port is free at once
            return arrived + connection.recv(1024)


def main():
    version = '.'.join(map(str, sys.version_info[:3]))
    if sys.version_info < (3, 8):
        problem(f'this is Python {version}', 'Get 3.8 or later from https://www.python.org')
    for name, kind in ('TCP', socket.SOCK_STREAM), ('UDP', socket.SOCK_DGRAM):
        try:
            arrived = talk(kind)
        except OSError as error:
            problem(f'{name} on this machine does not work: {error}',
                    'A firewall may forbid it: allow Python in private networks.')
        if arrived != b'hello':
            problem(f"{name} on this machine delivers {arrived}, not b'hello'", 'Ask your teacher.')
    print(f'ready: Python {version}, port {PORT} is free, TCP and UDP work on this machine')


if __name__ == '__main__':
    main()
