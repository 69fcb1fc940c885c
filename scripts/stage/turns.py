"""Plays of several people: a few at a time, in the order in which they came, each with an end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Callable

from stage.model import Problem, ScenarioError

AT_A_TIME = 2
WAITING = 40  # at most
PATIENCE = 30  # seconds for a play


class Left(Exception):
    """Nobody waits for the answer any more."""


class Turns:
    """Who waits is named, and has a number of its own."""

    def __init__(self) -> None:
        self.waiting: list[tuple[str, int]] = []
        self.numbers = count()
        self.free = AT_A_TIME
        self.changed = threading.Condition()

    def place(self, name: str) -> int:
        """1 is the next one; 0 does not wait."""
        with self.changed:
            names = [one for one, _ in self.waiting]
            return names.index(name) + 1 if name in names else 0

    @contextmanager
    def turn(self, name: str, has_left: Callable) -> Iterator[None]:
        """Begins when it is the turn of this one."""
        self.wait((name, next(self.numbers)), has_left)
        try:
            yield
        finally:
            with self.changed:
                self.free += 1
                self.changed.notify_all()

    def wait(self, one: tuple[str, int], has_left: Callable) -> None:
        with self.changed:
            if len(self.waiting) >= WAITING:
                raise Problem('too many wait', most=WAITING)
            self.waiting.append(one)
            try:
                while self.waiting[0] != one or not self.free:
                    if has_left():
                        raise Left
                    self.changed.wait(0.5)
                self.free -= 1
            finally:
                self.waiting.remove(one)
                self.changed.notify_all()

    def end(self) -> None:
        """Waits until nothing plays."""
        with self.changed:
            self.changed.wait_for(lambda: self.free == AT_A_TIME, PATIENCE)


def run(command: list, folder: str, has_left: Callable) -> tuple[int, str, str]:
    """Runs a command, whose files are to be in this folder; returns its exit status, output and
    messages. Nothing of it goes on."""
    process = subprocess.Popen(
        command,
        env={**os.environ, 'TMPDIR': folder},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding='utf-8',
        errors='replace',
        start_new_session=True,  # so that it can be ended with all that it has started
    )
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            with suppress(subprocess.TimeoutExpired):
                output, messages = process.communicate(timeout=0.5)
                return process.returncode, output, messages
            if has_left():
                raise Left
        raise ScenarioError('takes too long', seconds=PATIENCE)
    finally:
        stop(process)


def stop(process: subprocess.Popen) -> None:
    """At the first signal our commands end all that they have started."""
    for number in signal.SIGTERM, signal.SIGKILL:
        if process.poll() is None:
            os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=5)
