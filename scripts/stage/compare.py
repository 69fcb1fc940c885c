"""Plays a scenario in several combinations of languages at the same time, and compares."""

from __future__ import annotations

import concurrent.futures
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from stage.model import Action, Difference, End, Packet, Recording, Sent, Step, side
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
    outputs: list[list[str]]
    ends: list[list[End]]  # a list of one for each
    messages: list[str]  # the last on standard error
    sent: list[Sent] | None  # None where packets cannot be seen
    unmet: list[Action]  # what the scenario expects and did not happen
    packets: list[Packet] = field(default_factory=list)
    pcap: list[bytes] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    begins: int = 0


def results(play: Play) -> Result:
    result = Result(
        [program.name for program in play.all],
        play.outputs(),
        play.ends(),
        [play.masked(program.last_message()) for program in play.all],
        play.sent() if play.wire else None,
        play.unmet,
    )
    if play.wire:
        result.packets, result.pcap = play.wire.packets, play.wire.pcap
    return result


def record(scenario: Scenario, protocol: str) -> Result:
    """Plays it in Python, and keeps the steps."""
    with RecordingPlay(scenario, protocol) as one:
        one.play()
        result = results(one)
        result.steps, result.begins = one.steps, one.begins
        return result


def play(
    scenario: Scenario, protocol: str, versions: list[int], free: bool = False
) -> Result:
    """Plays it in these versions of the programs."""
    with Play(scenario, protocol, in_versions(protocol, versions), free) as one:
        one.play()
        return results(one)


def together(*jobs: list[Any]) -> list[Any]:
    """Runs functions with their arguments in processes of their own, and waits for all. A terminal
    shows how long it takes."""
    context = multiprocessing.get_context('fork')
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        futures = [pool.submit(*job) for job in jobs]
        show_patience(futures)
        return [future.result() for future in futures]


def show_patience(futures: list[Any]) -> None:
    begin, shown = time.monotonic(), ''
    while sys.stderr.isatty() and concurrent.futures.wait(futures, PATIENCE).not_done:
        shown = words()('terminal', 'playing', seconds=round(time.monotonic() - begin))
        print(f'\r{shown}', end='', file=sys.stderr, flush=True)
    if shown:
        print(f'\r{" " * len(shown)}\r', end='', file=sys.stderr, flush=True)


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
        python.sent is not None,
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


def language(who: str, protocol: str) -> str:
    """The name of the other language of this program."""
    return PROGRAMS[f'{protocol}-{side(who)}'][1].language.name


def differences(python: Result, other: Result, protocol: str) -> Iterator[Difference]:
    """How the second play differs from the first: each end, each output, and the packets."""
    found = [
        *different('end', python.ends, other.ends),
        *different('output', python.outputs, other.outputs),
    ]
    for kind, at, difference in found:
        who = python.who[at]
        again = who in python.who[:at]
        message = other.messages[at] if kind == 'end' else ''
        message = '' if 'warning:' in message else message
        name = language(who, protocol)
        number, one, two = difference
        yield Difference(kind, who, again, number, one, two, name, message)
    packet = first_difference(python.sent or [], other.sent or [])
    if packet:
        number, one, two = packet
        who = (one or two).sender
        name = language(who, protocol)
        yield Difference('packet', who, False, number, one, two, name)


def different(kind: str, ones: list[list], others: list[list]) -> Iterator[tuple]:
    """The place of each program of which a fact differs, and how."""
    for at, (one, other) in enumerate(zip(ones, others)):
        found = first_difference(one, other)
        if found:
            yield kind, at, found
