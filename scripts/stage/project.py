"""The four programs: names, files, protocols, ports, languages. No other file here knows them."""

from __future__ import annotations

import hashlib
import os
import re
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from stage import source
from stage.model import Problem

TOP = Path(__file__).resolve().parents[2]
SCRIPTS = TOP / 'scripts'
HOST = '127.0.0.1'
SIDES = 'server', 'client'
PROTOCOLS = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}


@dataclass(frozen=True)
class Language:
    """A language, where its programs are, and how they are started."""

    name: str  # as people write it
    path: str  # of a program's source; {program} is its name, {module} the same with _
    port: Callable[['Version'], int]  # that the program uses if it gets no arguments
    command: Callable[['Version', list[str]], list[str]]  # given its arguments


@dataclass(frozen=True)
class Version:
    """A program in one language."""

    program: str
    language: Language

    @property
    def path(self):
        module = self.program.replace('-', '_')
        return TOP / self.language.path.format(program=self.program, module=module)

    @property
    def port(self):
        return self.language.port(self)

    def command(self, port: int | None = None):
        """Starts it with its own address, or with a port of 127.0.0.1."""
        return self.language.command(self, [HOST, str(port)] if port else [])


def python_command(path, arguments):
    """Runs a Python program; with arguments, on another address."""
    run = [str(SCRIPTS / 'run.py')] if arguments else []
    return [sys.executable, '-u', *run, str(path), *arguments]


def rust_port(version):
    """The program's own constant, or that of `common`."""
    texts = [
        path.read_text('utf-8') for path in (version.path, TOP / 'common/src/lib.rs')
    ]
    return int(re.findall(r'const PORT: u16 = (\d+);', ''.join(texts))[0])


def rust_command(version, arguments):
    """The door that builds the programs says where they are."""
    folder = os.environ.get('BIN')
    if not folder:
        raise Problem('not built')
    return [f'{folder}/{version.program}', *arguments]


PYTHON = Language(
    'Python',
    '{program}/{module}.py',
    lambda version: source.assigned(source.read(version.path), 'PORT'),
    lambda version, arguments: python_command(version.path, arguments),
)
RUST = Language(
    'Rust',
    '{program}/src/main.rs',
    rust_port,
    rust_command,
)

# Each program: its original, which is the reference, and its port to another language.
PROGRAMS = {
    name: (Version(name, PYTHON), Version(name, RUST))
    for name in ('tcp-server', 'tcp-client', 'udp-server', 'udp-client')
}


def digest() -> str:
    """Of the four programs: another one if they were changed."""
    paths = [version.path for both in PROGRAMS.values() for version in both]
    return hashlib.sha256(b''.join(path.read_bytes() for path in paths)).hexdigest()
