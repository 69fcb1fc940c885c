"""What play.sh does; its help says how it is used."""

from __future__ import annotations

import argparse
import itertools
import os
import re
import sys
import textwrap
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from stage import network, terminal
from stage.compare import Result, both, differences, play, recording, together
from stage.model import Problem, ScenarioError, side, to_json
from stage.project import PROGRAMS, PROTOCOLS, SIDES
from stage.scenario import Scenario, load, load_all
from stage.wire import PCAP_HEAD
from stage.words import LANGUAGES, Words, words

FACTS = 'output', 'end', 'packet'


def arguments() -> Namespace:
    parser = argparse.ArgumentParser('play.sh', add_help=False)
    for option in '--list', '--compare', '--free', '--json':
        parser.add_argument(option, action='store_true')
    parser.add_argument('--pcap', metavar='FILE')
    parser.add_argument('--lang', choices=LANGUAGES, default='en')
    parser.add_argument('name', nargs='?', metavar='NAME|FILE')
    parser.add_argument('rest', nargs='*', metavar='tcp|udp|STEPS')
    given = parser.parse_args()
    given.words = words(given.lang)
    chosen = [one for one in given.rest if one in PROTOCOLS]
    given.protocols = chosen[:1] or list(PROTOCOLS)
    steps = ''.join(one for one in given.rest if one not in chosen)
    found = re.fullmatch(r'(\d*)(-?)(\d*)', steps)  # 14, 14-30, 14- or nothing
    if not found:
        parser.error(f"'{steps}' is no protocol and no range of steps such as 14-30")
    first, dash, last = found.groups()
    given.first = int(first or 1)
    given.last = int(last or 9999) if dash or not first else given.first
    return given


# ── Three ways to show a scenario ────────────────────────────────────────────────────


def show_title(key: str, scenario: Scenario, protocol: str, say: Words):
    title = say.about(scenario.name, scenario.about)[0]
    print(terminal.title(say('terminal', key, title=title, protocol=protocol)))


def show_steps(scenario: Scenario, protocol: str, given: Namespace) -> tuple:
    """Prints the steps, and how the other language differs."""
    played = both(scenario, protocol)
    one = recording(scenario, protocol, played)
    found = one.differences if one.compared else None
    if given.json:
        print(to_json(one))
        return played[0], found
    show_title('titled', scenario, protocol, given.words)
    terminal.show(one, given.first, given.last, given.words)
    if given.last >= len(one.steps):
        show_end(one, protocol in scenario.rust_differs, given.words)
    return played[0], found


def show_end(one: Any, may_differ: bool, say: Words):
    """How the other language differs, and what to know of the packets."""
    if one.differences and may_differ:
        print('\n' + say('terminal', 'differs', language=one.differences[0].language))
        print(terminal.wrapped('; '.join(map(say.difference, one.differences)), '  '))
    notes = []
    if not one.compared:
        why = os.environ.get('NOT_BUILT', '')
        notes.append(say('terminal', 'not compared', why=why))
    if not one.packets_seen:
        notes.append(say.problem(network.not_seen()))
    elif one.protocol == 'tcp':
        notes.append(say('terminal', 'lock step'))
    for note in notes:
        print('\n' + terminal.wrapped(note))


def show_comparison(scenario: Scenario, protocol: str, given: Namespace) -> tuple:
    """Plays all combinations of languages: a row says what is as in Python. Each server has a
    language of its own, and all clients have another."""
    say = given.words
    notes: dict = {}
    starts = [side(one.who) for one in scenario.actions if one.verb == 'start']
    columns = ['server'] * starts.count('server') + ['client'] * ('client' in starts)
    combinations = list(itertools.product((0, 1), repeat=len(columns)))
    jobs = [[play, scenario, protocol, versions(starts, one)] for one in combinations]
    results = together(*jobs)
    show_title('titled', scenario, protocol, say)
    facts = [say('terminal', 'facts', kind) for kind in FACTS]
    print(terminal.bold(row(columns, facts)))
    for combination, result in zip(combinations, results):
        found = {
            say.difference(one): one
            for one in differences(results[0], result, protocol)
        }
        notes.update(found)
        names = [
            PROGRAMS[f'{protocol}-{one}'][number].language.name.lower()
            for one, number in zip(columns, combination)
        ]
        kinds = {one.kind for one in found.values()}
        same = 'same' if any(combination) else 'reference'
        cells = ['differs' if kind in kinds else same for kind in FACTS]
        if not result.packets:
            cells[-1] = 'not seen'
        print(row(names, [say('terminal', 'cells', one) for one in cells]))
    for note in notes:
        print(terminal.wrapped(note, '  '))
    return results[0], list(notes.values())


def row(names: list[str], facts: list[str]) -> str:
    cells = [f'{name:8} ' for name in names] + [f'{fact:10} ' for fact in facts]
    return ''.join(cells).rstrip()


def versions(starts: list[str], combination: tuple[int, ...]) -> list[int]:
    """The version of each program that starts, in order."""
    servers = iter(combination)
    return [next(servers) if one == 'server' else combination[-1] for one in starts]


def show_free(scenario: Scenario, protocol: str, given: Namespace) -> tuple:
    """Lets the Python programs run as they like, and shows the packets in order."""
    if not network.is_own():
        raise network.not_seen()
    job = [play, scenario, protocol, [0]]
    free, lock_step = together([*job, True], job)
    say = given.words
    show_title('free title', scenario, protocol, say)
    for number, packet in enumerate(free.packets, 1):
        packet.by = 'program'  # without lock step it is not known
        print(terminal.fill(say.packet(packet), f'{number:3} ', ' ' * 6))
    counts = {'free': len(free.packets), 'lock_step': len(lock_step.packets)}
    print('\n' + terminal.wrapped(say('terminal', 'free', **counts)))
    return free, None


# ── What is wrong ────────────────────────────────────────────────────────────────────


def judge(scenario: Scenario, shown: dict[str, tuple]) -> Iterator[Problem]:
    """If the other language differs and should not, or the other way round; a question that nothing
    answers, over none of the protocols."""
    for protocol, (_, found) in shown.items():
        facts = {'scenario': scenario.name, 'protocol': protocol}
        may_differ = protocol in scenario.rust_differs
        if found and not may_differ:
            names = {PROGRAMS[f'{protocol}-{one}'][1].path.name for one in SIDES}
            files = ' or '.join(sorted(names))
            yield Problem('not as python', differences=found, files=files, **facts)
        if found == [] and may_differ:
            yield Problem('does not differ', **facts)
    yield from unmet(scenario, shown)


def unmet(scenario: Scenario, shown: dict[str, tuple]) -> Iterator[Problem]:
    """What a scenario expects, and what did not happen: a packet over one of the protocols, an answer
    over any of those that the question is for."""
    for action in scenario.actions:
        missed = [one for one, (result, _) in shown.items() if action in result.unmet]
        if not missed:
            continue
        facts = {'name': scenario.name, 'line': action.line, 'who': action.who}
        if action.verb != 'ask':
            yield ScenarioError('no packet', over=missed[0], **facts)
        elif missed in ([action.value.over], scenario.protocols):
            yield ScenarioError('not answered', question=action.value.text, **facts)


def write_pcap(path: str, plays: list[Result]):
    if any(one.packets is None for one in plays):
        raise network.not_seen()
    with open(path, 'wb') as file:
        file.write(PCAP_HEAD + b''.join(itertools.chain(*(one.pcap for one in plays))))


def show_wrong(wrong: list[Problem], given: Namespace) -> int:
    """Prints what is wrong; returns the exit status."""
    for problem in wrong:
        text = f'play.sh: {given.words.problem(problem)}'
        text = textwrap.fill(text, 80, subsequent_indent='  ', break_on_hyphens=False)
        print(text, file=sys.stderr if given.json else sys.stdout)
    return max([problem.status for problem in wrong], default=0)


def main(*_: str) -> int:
    given = arguments()
    if given.list or not given.name:
        for one in load_all():
            title = given.words.about(one.name, one.about)[0]
            print(f'{one.name:15} {" ".join(one.protocols):8} {title}')
        return 0
    scenario = load(given.name)
    protocols = [one for one in scenario.protocols if one in given.protocols]
    if not protocols:
        facts = {'name': scenario.name, 'protocol': scenario.protocols[0]}
        raise ScenarioError('only for', **facts)
    show: Any = show_steps
    if given.compare:
        show = show_comparison
    elif given.free:
        show = show_free
    shown = {one: show(scenario, one, given) for one in protocols}
    if given.pcap:
        write_pcap(given.pcap, [result for result, _ in shown.values()])
    return show_wrong(list(judge(scenario, shown)), given)
