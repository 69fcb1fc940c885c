"""Programs that run: their keyboard, their output, and whether they are at rest."""

from __future__ import annotations

import errno
import itertools
import json
import os
import random
import re
import select
import signal
import socket
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any, Callable, List, Optional, Set, Tuple

from stage.model import End, Problem
from stage.project import HOST

TRACER = Path(__file__).with_name('tracer.py')
NUMBERS = itertools.count()


def free_port() -> int:
    """A port that is free for TCP and UDP, and that no kernel picks for a client."""
    while True:
        port = random.randrange(22000, 32000)
        tcp, udp = socket.socket(), socket.socket(type=socket.SOCK_DGRAM)
        with tcp, udp:
            try:
                tcp.bind((HOST, port))
                udp.bind((HOST, port))
                return port
            except OSError as error:  # it is in use
                if error.errno == errno.EADDRNOTAVAIL:
                    raise Problem('no loopback', host=HOST, error=error) from None


def process_state(pid: int) -> Optional[str]:
    """Changes as long as a process runs; None while one of its threads does."""
    threads = []
    try:
        for thread in Path(f'/proc/{pid}/task').iterdir():
            status = (thread / 'status').read_text()
            if re.findall(r'State:\s+(\w)', status)[0] not in 'SI' or status.startswith(
                'Name:\tstrace'
            ):
                return None
            threads += re.findall(r'\nvoluntary_ctxt_switches:\s+(\d+)', status)
    except OSError:  # there is no /proc, or the process has just exited
        command = ['ps', '-o', 'state=', '-p', str(pid)]
        ps = subprocess.run(command, stdout=subprocess.PIPE, encoding='ascii')
        state = ps.stdout.strip()
        return state if state[:1] in ('S', 'I') else None
    return ' '.join(threads)


def read(path: Path) -> str:
    text = path.read_bytes().decode('utf-8', 'surrogateescape')
    return text.replace(os.linesep, '\n')


class Program:
    """A process that runs in its turns, and is stopped between them."""

    def __init__(self, name: str, argv, folder, **options: Any):
        self.name = name
        self.typed: List[Tuple[int, str]] = []  # after how much output, and what
        self.is_held = self.is_stopped = self.has_exited = False
        self.own_sockets: Set[str] = set()
        stem = f'{name}-{next(NUMBERS)}'
        self.files = [Path(folder, f'{stem}.{kind}') for kind in ('out', 'err')]
        with open(self.files[0], 'wb') as out, open(self.files[1], 'wb') as err:
            self.process = subprocess.Popen(
                [*map(str, argv)],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=err,
                **options,
            )

    def type(self, line: str) -> None:
        if self.has_exited:
            return
        self.typed.append((len(self.output()), line + '\n'))
        with suppress(OSError):  # it is exiting
            os.write(self.process.stdin.fileno(), line.encode() + b'\n')  # type: ignore

    def ended(self) -> bool:
        return self.process.poll() is not None

    def state(self) -> Optional[str]:
        """Stays the same while it is at rest; None while it runs."""
        if self.ended():
            return 'exited'
        return process_state(self.process.pid)

    def go(self) -> None:
        if self.is_stopped and not self.ended():
            self.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def stop(self) -> None:
        if not self.is_stopped and not self.ended():
            self.process.send_signal(signal.SIGSTOP)
            os.waitpid(
                self.process.pid, os.WUNTRACED
            )  # or it could still receive something
            self.is_stopped = True

    def output(self) -> str:
        """Standard output."""
        return read(self.files[0])

    def screen(self) -> str:
        """Standard output and what was typed, as a terminal shows it."""
        output, screen, start = self.output(), '', 0
        for end, line in self.typed:
            screen, start = screen + output[start:end] + line, end
        return screen + output[start:]

    def messages(self) -> str:
        """Standard error."""
        return read(self.files[1])

    def end(self) -> End:
        """How it ended, in a form that does not depend on the language."""
        status = self.process.poll()
        if status is None:
            return End('runs')
        if status <= 0:
            return End('killed' if status else 'exits')
        message = self.last_message()
        numbers = re.findall(r'(?:Errno|os error) (\d+)', message)
        names = re.findall(r'\w+Error', message)
        error = int(numbers[0]) if numbers else names[0] if names else None
        return End('exits', error, 0 if error else status)

    def last_message(self) -> str:
        """Of standard error; in Python with the line of the program that it is about."""
        where = re.findall(r'(?:server|client)\.py", (line \d+)', self.messages())
        lines = [
            line
            for line in self.messages().splitlines()
            if line and line[:5] != 'note:'
        ]
        return ': '.join([*where[-1:], *lines[-1:]])

    def close(self) -> None:
        with suppress(OSError):
            self.process.stdin.close()  # type: ignore
        self.process.kill()
        self.process.wait()


class TracedProgram(Program):
    """A Python program that goes on only when what it reports has been heard."""

    def __init__(self, name: str, argv, folder, path: Path, heard: Callable):
        self.heard = heard
        self.reports, theirs = socket.socketpair()
        self.lines = self.reports.makefile('rb', 0)
        python, unbuffered, *rest = argv
        traced = [python, unbuffered, TRACER, theirs.fileno(), path, *rest]
        super().__init__(name, traced, folder, pass_fds=[theirs.fileno()])
        # It is the tracer's, and not the program's.
        self.own_sockets = {str(os.fstat(theirs.fileno()).st_ino)}
        theirs.close()

    def state(self) -> Optional[str]:
        if select.select([self.reports], [], [], 0)[0]:
            report = self.lines.readline()
            if report:
                self.heard(self, json.loads(report))
                with suppress(OSError):  # it was killed
                    self.reports.send(b'.')
                return None
        return super().state()

    def close(self) -> None:
        super().close()
        self.lines.close()
        self.reports.close()
