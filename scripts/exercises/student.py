"""The student's programs, which a check runs and talks to."""

import os
import random
import re
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import partial
from socket import create_connection, socket

from exercises.originals import path_of
from stage.mask import STAMP
from stage.processes import Program, free_port
from stage.project import HOST, TOP, python_command
from stage.words import words

say = partial(words(), 'exercise')
LIMIT = 14  # seconds for a check


class Missing(Exception):
    """What a program does not do yet."""


def need(condition, key, **facts):
    if not condition:
        raise Missing(say(key, **facts))


def cargo(verb, program):
    """A command of cargo, which says nothing unless there is an error."""
    manifest = str(TOP / 'Cargo.toml')
    return ['cargo', verb, '--quiet', '--manifest-path', manifest, '--package', program]


def build(program):
    """What the compiler says goes to the terminal."""
    need(shutil.which('cargo'), 'no cargo')
    status = subprocess.call(cargo('build', program))
    need(status == 0, 'no build')


def bound(kind, host=HOST, port=0):
    """A socket, and its port."""
    sock = socket(type=kind)
    sock.bind((host, port))
    sock.settimeout(0.02)
    return sock, sock.getsockname()[1]


class Student:
    """The programs of one language, the time that is left, and what is chosen at random."""

    def __init__(self, language, seed):
        self.language, self.seed, self.random = language, seed, random.Random(seed)
        self.has_chosen = False  # something at random
        self.folder = tempfile.mkdtemp()
        self.running = []
        self.end = time.monotonic() + LIMIT

    def close(self):
        """Ends the programs and what they have started."""
        for program in self.running:
            pid = program.process.pid
            if os.name == 'nt':
                command = f'taskkill /F /T /PID {pid}'.split()
                subprocess.run(command, capture_output=True)
            else:
                with suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
            program.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self, program, port, host=HOST):
        command = python_command(path_of(program, 'python'), [host, str(port)])
        if self.language == 'rust':
            begun = time.monotonic()
            build(program)
            self.end += time.monotonic() - begun
            command = [*cargo('run', program), '--', host, str(port)]
        environment = {**os.environ, 'PYTHONIOENCODING': 'utf-8', 'RUST_BACKTRACE': '0'}
        options = {'env': environment, 'start_new_session': True}
        self.running.append(Program(program, command, self.folder, **options))
        return self.running[-1]

    def start_server(self, program):
        """Starts it on a free port, and returns that."""
        port = free_port()
        self.start(program, port)
        return port

    def until(self, condition, seconds, key='', **facts):
        """Waits until a condition is true, and returns its value; otherwise that is missing, if it has
        a key."""
        end = min(time.monotonic() + seconds, self.end)
        while time.monotonic() < end:
            with suppress(OSError):
                result = condition()
                if result:
                    return result
            time.sleep(0.02)
        need(time.monotonic() < self.end, 'late')
        need(not key, key, **facts)

    def client(self, port):
        connect = partial(create_connection, (HOST, port), 1)
        return self.until(connect, 5, 'no accept')

    def gets_reply(self, client, text, key, **facts):
        """The client sends something and gets it back with one timestamp; otherwise …"""
        received = bytearray()

        def is_whole():
            received.extend(client.recv(1024))
            return re.fullmatch(STAMP + text, received.decode('utf-8', 'replace'))

        client.settimeout(0.02)
        with suppress(OSError):
            client.sendall(text.encode())
        self.until(is_whole, 5, key, **facts)

    def text(self):
        """Some letters, digits and blanks, which nobody can know before."""
        self.has_chosen = True
        letters = 'abcdefghijklmnopqrstuvwxyz 0123456789äöü'
        return ''.join(self.random.choices(letters, k=12))

    def notes(self):
        """What the programs have printed on standard error, and which of them have exited."""
        for one in self.running:
            if one.ended() or one.last_message():
                text = one.last_message() or say('no message')
                text = re.sub(r'^line (\d+): ', say('line', number=r'\1'), text)
                yield say(
                    'exited' if one.ended() else 'printed', who=one.name, text=text
                )
