"""Plays a scenario in several combinations of languages at the same time, and compares."""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from stage import mask
from stage.model import (
    Action,
    Difference,
    End,
    Packet,
    Recording,
    Sent,
    Step,
    plain,
)
from stage.play import Play, in_versions
from stage.project import PROGRAMS
from stage.record import Recording as RecordingPlay
from stage.scenario import Scenario
from stage.words import words

PATIENCE = 3  # seconds until a terminal shows that something is going on


@dataclass
class Result:
    """What a play came to. The lists of programs are in the order of their start."""

    who: list[str]
    outputs: list[list[str]]  # the lines on each terminal
    ends: list[End]
    messages: list[str]  # the last on standard error
    unmet: list[Action]  # what the scenario expects and did not happen
    packets: list[Packet] | None  # None where they cannot be seen
    pcap: list[bytes]
    steps: list[Step]  # of a recording
    begins: int


def results(play: Play) -> Result:
    return Result(
        [program.name for program in play.all],
        [play.masked(program.screen()).split('\n') for program in play.all],
        [program.end() for program in play.all],
        [play.masked(program.last_message()) for program in play.all],
        play.unmet,
        play.wire.packets if play.wire else None,
        play.wire.pcap if play.wire else [],
        play.steps,
        play.begins,
    )


def record(scenario: Scenario, protocol: str) -> Result:
    """Plays it in Python, and keeps the steps."""
    with RecordingPlay(scenario, protocol) as one:
        one.play()
        return results(one)


def play(
    scenario: Scenario, protocol: str, versions: list[int], free: bool = False
) -> Result:
    """Plays it in these versions of the programs."""
    with Play(scenario, protocol, in_versions(protocol, versions), free) as one:
        one.play()
        return results(one)


def pool(workers: int) -> ProcessPoolExecutor:
    """Processes that begin as copies of this one."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context('fork'))


def together(*jobs: list[Any], workers: int = 2) -> list[Any]:
    """Runs functions with their arguments in processes of their own, and waits for all. A terminal
    shows how long it takes."""
    begin, shown = time.monotonic(), ''
    with pool(workers) as processes:
        futures = [processes.submit(*job) for job in jobs]
        while sys.stderr.isatty() and wait(futures, PATIENCE).not_done:
            seconds = round(time.monotonic() - begin)
            shown = words()('terminal', 'playing', seconds=seconds)
            print(f'\r{shown}', end='', file=sys.stderr, flush=True)
        if shown:
            print(f'\r{" " * len(shown)}\r', end='', file=sys.stderr, flush=True)
        return [future.result() for future in futures]


def both(scenario: Scenario, protocol: str) -> list[Result]:
    """A recording in Python, and a play in the other languages if they were built."""
    jobs: list[list[Any]] = [[record, scenario, protocol]]
    if os.environ.get('BIN'):
        jobs.append([play, scenario, protocol, [1]])
    return together(*jobs)


def recording(scenario: Scenario, protocol: str, played: list[Result]) -> Recording:
    """What both plays came to."""
    python, *other = played
    return Recording(
        scenario.name,
        protocol,
        scenario.title,
        scenario.about,
        python.packets is not None,
        python.steps,
        python.begins,
        list(differences(python, other[0], protocol)) if other else [],
        bool(other),
    )


# ── How two plays differ ─────────────────────────────────────────────────────────────


def first_difference(ones: list[Any], others: list[Any]) -> tuple[int, Any, Any] | None:
    """The number of the first that differs, and both."""
    for number, (one, other) in enumerate(zip_longest(ones, others), 1):
        if one != other:
            return number, one, other
    return None


def differences(python: Result, other: Result, protocol: str) -> Iterator[Difference]:
    """How the second play differs from the first: each end, each output, and the packets."""
    language = PROGRAMS[f'{protocol}-server'][1].language
    ends = [[one] for one in python.ends], [[one] for one in other.ends]
    outputs = python.outputs, other.outputs
    for kind, ones, others in ('end', *ends), ('output', *outputs):
        for at, who in enumerate(python.who):
            found = first_difference(ones[at], others[at])
            message = other.messages[at] if kind == 'end' else ''
            if found:
                again = who in python.who[:at]
                message = '' if 'warning:' in message else message
                yield Difference(kind, who, again, *found, language, message)
    found = first_difference(sent(python), sent(other))
    if found:
        who = (found[1] or found[2]).sender
        yield Difference('packet', who, False, *found, language)


def sent(played: Result) -> list[Sent]:
    """What is compared of its packets: in the data, times are masked."""
    found = []
    for one in played.packets or ():
        data = mask.times(plain(one.data)).encode('utf-8', 'surrogateescape')
        what = one.sender, one.receiver, one.kind, one.flags
        found.append(Sent(*what, len(one.data), data, one.fate, one.again))
    return found
