"""Plays a scenario in several combinations of languages at the same time, and compares."""
# mypy: check-untyped-defs

import multiprocessing
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor, wait
from itertools import zip_longest
from types import SimpleNamespace

from stage import mask
from stage.model import (
    Difference,
    Recording,
    Sent,
    plain,
)
from stage.play import Play, in_versions
from stage.project import PROGRAMS
from stage.record import Recording as RecordingPlay
from stage.words import words

PATIENCE = 3  # seconds until a terminal shows that something is going on


def results(play):
    """What a play came to. The lists of programs are in the order of their start."""
    return SimpleNamespace(
        who=[program.name for program in play.all],
        outputs=[play.masked(program.screen()).split('\n') for program in play.all],
        ends=[program.end() for program in play.all],
        messages=[play.masked(program.last_message()) for program in play.all],
        unmet=play.unmet,  # what the scenario expects and did not happen
        packets=play.wire.packets if play.wire else None,  # None: they cannot be seen
        pcap=play.wire.pcap if play.wire else [],
        steps=play.steps,  # of a recording
        begins=play.begins,
    )


def record(scenario, protocol):
    """Plays it in Python, and keeps the steps."""
    return played(RecordingPlay(scenario, protocol))


def play(scenario, protocol, versions, free=False):
    """Plays it in these versions of the programs."""
    return played(Play(scenario, protocol, in_versions(protocol, versions), free))


def played(play):
    with play:
        play.play()
        return results(play)


def pool(workers):
    """Processes that begin as copies of this one."""
    return ProcessPoolExecutor(workers, multiprocessing.get_context('fork'))


def together(*jobs, workers=2):
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


def both(scenario, protocol):
    """A recording in Python, and a play in the other languages if they were built."""
    others = [[play, scenario, protocol, [1]]] if os.environ.get('BIN') else []
    return together([record, scenario, protocol], *others)


def recording(scenario, protocol, both):
    """What both plays came to."""
    python, *other = both
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


def first_difference(ones, others):
    """The number of the first that differs, if any does, and both."""
    for number, (one, other) in enumerate(zip_longest(ones, others), 1):
        if one != other:
            yield number, one, other
            return


def differences(python, other, protocol):
    """How the second play differs from the first: each end, each output, and the packets."""
    language = PROGRAMS[f'{protocol}-server'][1].language
    ends = [[one] for one in python.ends], [[one] for one in other.ends]
    outputs = python.outputs, other.outputs
    for kind, ones, others in ('end', *ends), ('output', *outputs):
        for at, who in enumerate(python.who):
            message = other.messages[at] if kind == 'end' else ''
            message = '' if 'warning:' in message else message
            again = who in python.who[:at]
            for number, one, two in first_difference(ones[at], others[at]):
                yield Difference(kind, who, again, number, one, two, language, message)
    for number, one, two in first_difference(sent(python), sent(other)):
        who = (one or two).sender
        yield Difference('packet', who, False, number, one, two, language)


def sent(played):
    """What is compared of its packets: in the data, times are masked."""
    found = []
    for one in played.packets or ():
        data = mask.times(plain(one.data)).encode('utf-8', 'surrogateescape')
        what = one.sender, one.receiver, one.kind, one.flags
        found.append(Sent(*what, len(one.data), data, one.fate, one.again))
    return found
