"""The four programs: names, files, protocols, ports, languages. No other file here knows them."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
from pathlib import Path

from stage import source
from stage.model import Problem

TOP = Path(__file__).resolve().parents[2]
SCRIPTS = TOP / 'scripts'
HOST = '127.0.0.1'
SIDES = 'server', 'client'
PROTOCOLS = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}


class Python:
    """A program in Python. One in another language has the same attributes."""

    language = 'Python'  # as people write it

    def __init__(self, name: str):
        self.path = TOP / name / f'{name.replace("-", "_")}.py'

    @property
    def port(self) -> int:
        """The one that it uses if it gets no arguments."""
        return source.assigned(source.read(self.path), 'PORT')

    def command(self, *address) -> list[str]:
        """What starts it, perhaps on another address: a host and a port."""
        return python_command(self.path, address)


def python_command(path, address) -> list[str]:
    run = [str(SCRIPTS / 'run.py')] if address else []
    return [sys.executable, '-u', *run, str(path), *map(str, address)]


class Rust:
    """A program in Rust."""

    language = 'Rust'

    def __init__(self, name: str):
        self.name, self.path = name, TOP / name / 'src/main.rs'

    @property
    def port(self) -> int:
        """Its own constant, or that of `common`."""
        files = self.path, TOP / 'common/src/lib.rs'
        text = ''.join(path.read_text('utf-8') for path in files)
        return int(re.findall(r'const PORT: u16 = (\d+);', text)[0])

    def command(self, *address) -> list[str]:
        """The door that builds the programs says where they are."""
        folder = os.environ.get('BIN')
        if not folder:
            raise Problem('not built')
        return [f'{folder}/{self.name}', *map(str, address)]


# Each program: its original, which is the reference, and its port to another language.
PROGRAMS = {
    name: (Python(name), Rust(name))
    for name in ('tcp-server', 'tcp-client', 'udp-server', 'udp-client')
}


def digest() -> str:
    """Of the four programs: another one if they were changed."""
    paths = [version.path for both in PROGRAMS.values() for version in both]
    return hashlib.sha256(b''.join(path.read_bytes() for path in paths)).hexdigest()
