"""The student's programs, which a check runs and talks to."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from socket import create_connection, socket
from typing import Any, Callable, Iterator, List, Tuple

from exercises.originals import version
from stage import source
from stage.mask import STAMP
from stage.processes import Program, free_port
from stage.project import HOST, TOP, python_command

LIMIT = 14  # seconds for a check


class Missing(Exception):
    """What a program does not do yet."""


def built(program: str) -> str:
    """The path of a Rust program. What the compiler says goes to the terminal."""
    command = 'cargo build --quiet --message-format json-render-diagnostics --package'
    try:
        cargo = subprocess.run(
            [*command.split(), program], cwd=TOP, stdout=subprocess.PIPE
        )
    except FileNotFoundError:
        raise Missing('cargo is missing; get it from https://rustup.rs') from None
    if cargo.returncode:
        raise Missing('it does not compile; see above what the compiler says')
    paths = [json.loads(line).get('executable') for line in cargo.stdout.splitlines()]
    return next(filter(None, paths))


def own_host(program: str) -> str:
    """The Python client's own HOST: `localhost` or 127.0.0.1, as the student likes."""
    with suppress(SyntaxError, ValueError):
        host = source.assigned(source.read(version(program, 'python').path), 'HOST')
        if host == 'localhost':
            return host
    return HOST


def bound(kind, host: str = HOST, port: int = 0) -> Tuple[socket, int]:
    sock = socket(type=kind)
    sock.bind((host, port))
    sock.settimeout(0.02)
    return sock, sock.getsockname()[1]


class Student:
    """The programs of one language, the time that is left, and what is chosen at random."""

    def __init__(self, language: str, seed: int):
        self.language, self.seed, self.random = language, seed, random.Random(seed)
        self.has_chosen = False  # something at random
        self.folder = tempfile.mkdtemp()
        self.running: List[Program] = []
        self.end = time.monotonic() + LIMIT

    def __enter__(self):
        return self

    def __exit__(self, *_):
        """Ends the programs and what they have started."""
        for program in self.running:
            if os.name == 'nt':
                command = f'taskkill /F /T /PID {program.process.pid}'.split()
                subprocess.run(
                    command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
            else:
                with suppress(ProcessLookupError):
                    os.killpg(program.process.pid, signal.SIGKILL)
            program.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, program: str, port: int, host: str = HOST) -> Program:
        begun = time.monotonic()
        arguments = [host, str(port)]
        if self.language == 'python':
            argv = python_command(version(program, 'python').path, arguments)
        else:
            argv = [built(program), *arguments]
        self.end += time.monotonic() - begun
        environment = {**os.environ, 'PYTHONIOENCODING': 'utf-8', 'RUST_BACKTRACE': '0'}
        started = Program(
            program, argv, self.folder, env=environment, start_new_session=True
        )
        self.running.append(started)
        return started

    def start_server(self, program: str) -> int:
        """Starts it on a free port, and returns that."""
        port = free_port()
        self.start(program, port)
        return port

    def until(self, condition: Callable, seconds: float, otherwise: str = '') -> Any:
        """Waits until a condition is true, and returns its value; otherwise that is missing."""
        end = min(time.monotonic() + seconds, self.end)
        while time.monotonic() < end:
            with suppress(OSError):
                result = condition()
                if result:
                    return result
            time.sleep(0.02)
        if time.monotonic() > self.end:
            raise Missing('the time for this check is over; is this machine busy?')
        if otherwise:
            raise Missing(otherwise)
        return None

    def client(self, port: int) -> socket:
        return self.until(
            lambda: create_connection((HOST, port), 1),
            5,
            'the server does not accept a client',
        )

    def gets_reply(
        self, client: socket, text: str, otherwise: str, seconds: float = 2
    ) -> None:
        """The client sends something and gets it back with one timestamp; otherwise …"""
        received = ''
        client.settimeout(max(0.1, min(seconds, self.end - time.monotonic())))
        with suppress(OSError):
            client.sendall(text.encode())
            for data in iter(lambda: client.recv(1024), b''):
                received += data.decode('utf-8', 'replace')
                if re.fullmatch(STAMP + text, received):
                    return
        self.until(lambda: False, 0, otherwise)

    def text(self) -> str:
        """Some letters, digits and blanks, which nobody can know before."""
        self.has_chosen = True
        return ''.join(
            self.random.choices('abcdefghijklmnopqrstuvwxyz 0123456789äöü', k=12)
        )

    def notes(self) -> Iterator[str]:
        """What the programs have printed on standard error, and which of them have exited."""
        for one in self.running:
            if one.ended() or one.last_message():
                how = 'exited' if one.ended() else 'printed an error'
                yield f'{one.name} {how}: {one.last_message() or "no message"}'
