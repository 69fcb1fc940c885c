"""What play.sh does; its help says how it is used."""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Iterator
from typing import Any

from stage import network, terminal
from stage.compare import Result, both, differences, play, recording, together
from stage.model import Difference, Problem, Question, ScenarioError, side, to_json
from stage.page.story import Story
from stage.project import PROGRAMS, PROTOCOLS, SIDES
from stage.scenario import Scenario, load, load_all
from stage.wire import PCAP_HEAD
from stage.words import Words, fill, narrow, parser, wide, words

FACTS = {'output': 'outputs', 'end': 'ends', 'packet': 'sent'}


def arguments() -> argparse.Namespace:
    options = parser(None, prog='play.sh', add_help=False)
    for option in '--list', '--compare', '--free', '--json':
        options.add_argument(option, action='store_true')
    options.add_argument('--pcap', metavar='FILE')
    options.add_argument('name', nargs='?', metavar='NAME|FILE')
    options.add_argument('rest', nargs='*', metavar='tcp|udp|STEPS')
    given = options.parse_args()
    given.words = words()
    given.show = (
        show_comparison if given.compare else show_free if given.free else show_steps
    )
    given.protocol = next(filter(PROTOCOLS.__contains__, given.rest), None)
    steps = ''.join(itertools.filterfalse(PROTOCOLS.__contains__, given.rest))
    found = re.fullmatch(r'(\d*)(-?)(\d*)', steps)  # 14, 14-30, 14- or nothing
    if not found:
        options.error(given.words('problems', 'no steps', text=steps))
    first, dash, last = found.groups()
    given.first = int(first or 1)
    given.last = int(last or 9999) if dash or not first else given.first
    return given


# ── Three ways to show a scenario ────────────────────────────────────────────────────


def show_steps(scenario: Scenario, protocol: str, given: argparse.Namespace) -> tuple:
    """Prints the steps, and how the other language differs."""
    played = both(scenario, protocol)
    one = recording(scenario, protocol, played)
    found = one.differences if one.compared else None
    if given.json:
        print(to_json(one, Story(one, given.words).data))
        return played[0], found
    say = given.words
    show_title('titled', scenario, protocol, say)
    terminal.show(one, given.first, given.last, say)
    if given.last >= len(one.steps):
        show_end(one, protocol in scenario.rust_differs, say)
    return played[0], found


def show_end(one: Any, may_differ: bool, say: Words) -> None:
    """How the other language differs, and what to know of the packets."""
    if one.differences and may_differ:
        print('\n' + say('terminal', 'differs', language=one.differences[0].language))
        found = say.join('sentences', map(say.difference, one.differences))
        print(terminal.wrapped(found, '  '))
    notes = []
    if not one.compared:
        notes.append(say('terminal', 'not compared', why=say('problems', 'no cargo')))
    if not one.packets_seen:
        notes.append(say.problem(network.not_seen()))
    elif one.protocol == 'tcp':
        notes.append(say('terminal', 'lock step'))
    for note in notes:
        print('\n' + terminal.wrapped(note))


def show_comparison(
    scenario: Scenario, protocol: str, given: argparse.Namespace
) -> tuple:
    """Plays all combinations of languages: a row says what is as in Python. Each server has a
    language of its own, and all clients have another."""
    say = given.words
    starts = [side(one.who) for one in scenario.actions if one.verb == 'start']
    columns = ['server'] * starts.count('server') + ['client'] * ('client' in starts)
    combinations = list(itertools.product((0, 1), repeat=len(columns)))
    jobs = [[play, scenario, protocol, versions(starts, one)] for one in combinations]
    results = together(*jobs)
    show_title('titled', scenario, protocol, say)
    facts = [say('terminal', 'facts', kind) for kind in FACTS]
    print(terminal.bold(row([*map(say.name, columns)], facts)))
    notes: dict[str, Difference] = {}
    for combination, result in zip(combinations, results):
        found = list(differences(results[0], result, protocol))
        notes.update((say.difference(one), one) for one in found)
        names = language_names(protocol, columns, combination)
        cells = [cell(result is results[0], result, found, kind) for kind in FACTS]
        print(row(names, [say('terminal', 'cells', one) for one in cells]))
    for note in notes:
        print(terminal.wrapped(note, '  '))
    return results[0], list(notes.values())


def language_names(protocol: str, sides: list[str], numbers: tuple) -> list[str]:
    """In which languages the programs of a combination are."""
    versions = [PROGRAMS[f'{protocol}-{one}'][at] for one, at in zip(sides, numbers)]
    return [version.language.name.lower() for version in versions]


def show_title(key: str, scenario: Scenario, protocol: str, say: Words) -> None:
    title = say.about(scenario.name, scenario.about)[0]
    print(terminal.title(say('terminal', key, title=title, protocol=protocol)))


def row(names: list[str], facts: list[str]) -> str:
    cells = [f'{wide(name):8} ' for name in names]
    cells += [f'{wide(fact):10} ' for fact in facts]
    return narrow(''.join(cells)).rstrip()


def versions(starts: list[str], combination: tuple[int, ...]) -> list[int]:
    """The version of each program that starts, in order."""
    servers = iter(combination)
    return [next(servers) if one == 'server' else combination[-1] for one in starts]


def cell(is_reference: bool, result: Result, found: list[Difference], kind: str) -> str:
    """Whether facts of a kind are as in Python."""
    if not getattr(result, FACTS[kind]):
        return 'not seen'
    if any(one.kind == kind for one in found):
        return 'differs'
    return 'reference' if is_reference else 'same'


def show_free(scenario: Scenario, protocol: str, given: argparse.Namespace) -> tuple:
    """Lets the Python programs run as they like, and shows the packets in order."""
    if not network.is_own():
        raise network.not_seen()
    free, lock_step = together(
        [play, scenario, protocol, [0], True], [play, scenario, protocol, [0]]
    )
    say = given.words
    show_title('free title', scenario, protocol, say)
    for number, packet in enumerate(free.packets, 1):
        packet.by = 'program'  # without lock step it is not known
        print(terminal.packet_line(say.packet(packet), f'{number:3} ', ' ' * 6))
    counts = {'free': len(free.packets), 'lock_step': len(lock_step.packets)}
    print('\n' + terminal.wrapped(say('terminal', 'free', **counts)))
    return free, None


# ── What is wrong ────────────────────────────────────────────────────────────────────


def judge(scenario: Scenario, shown: dict[str, tuple]) -> Iterator[Problem]:
    """If the other language differs and should not, or the other way round; a question that nothing
    answers, over none of the protocols."""
    for protocol, (_, found) in shown.items():
        facts = {'scenario': scenario.name, 'protocol': protocol}
        if found and protocol not in scenario.rust_differs:
            names = {PROGRAMS[f'{protocol}-{one}'][1].path.name for one in SIDES}
            files = sorted(names)
            yield Problem('not as python', differences=found, files=files, **facts)
        if found == [] and protocol in scenario.rust_differs:
            yield Problem('does not differ', **facts)
    yield from unmet(scenario, shown)


def protocols_of(question: Question, scenario: Scenario) -> list[str]:
    return [question.over] if question.over else scenario.protocols


def unmet(scenario: Scenario, shown: dict[str, tuple]) -> Iterator[Problem]:
    """What a scenario expects, and what did not happen: a packet over one of the protocols, an answer
    over any of those that the question is for."""
    for action in scenario.actions:
        missed = [one for one, (result, _) in shown.items() if action in result.unmet]
        facts = {'name': scenario.name, 'line': action.line, 'who': action.who}
        if missed and action.verb != 'ask':
            yield ScenarioError('no packet', over=missed[0], **facts)
        elif missed and missed == protocols_of(action.value, scenario):
            yield ScenarioError('not answered', question=action.value.text, **facts)


def write_pcap(path: str, plays: list[Result]) -> None:
    if any(one.sent is None for one in plays):
        raise network.not_seen()
    with open(path, 'wb') as file:
        file.write(PCAP_HEAD + b''.join(itertools.chain(*(one.pcap for one in plays))))


def show_list(say: Words) -> None:
    for one in load_all():
        title = say.about(one.name, one.about)[0]
        print(f'{one.name:15} {" ".join(one.protocols):8} {title}')


def show_wrong(wrong: list[Problem], given: argparse.Namespace) -> int:
    """Prints what is wrong; returns the exit status."""
    for problem in wrong:
        text = f'play.sh: {given.words.problem(problem)}'
        text = fill(text, subsequent_indent='  ', break_on_hyphens=False)
        print(given.words.error(problem) if given.json else text)
    return max([problem.status for problem in wrong], default=0)


def main(*_: str) -> int:
    given = arguments()
    if given.list or not given.name:
        show_list(given.words)
        return 0
    try:
        return show(given)
    except ScenarioError as error:
        if not given.json:
            raise
        return show_wrong([error], given)


def show(given: argparse.Namespace) -> int:
    """Plays the scenario, shows it, and returns the exit status."""
    scenario = load(given.name)
    protocols = [one for one in scenario.protocols if given.protocol in (None, one)]
    if not protocols:
        facts = {'name': scenario.name, 'protocol': scenario.protocols[0]}
        raise ScenarioError('only for', **facts)
    shown = {one: given.show(scenario, one, given) for one in protocols}
    if given.pcap:
        write_pcap(given.pcap, [result for result, _ in shown.values()])
    return show_wrong(list(judge(scenario, shown)), given)
