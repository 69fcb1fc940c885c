"""What play.sh does; its help says how it is used."""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Iterator

from stage import network
from stage.compare import Result, both, differences, play, recording, together
from stage.model import Difference, Problem, Recording, ScenarioError, side, to_json
from stage.page.story import Story
from stage.project import PROGRAMS, PROTOCOLS, SIDES
from stage.scenario import Scenario, load, load_all
from stage.terminal import bold, filled, show, title, wrapped
from stage.wire import PCAP_HEAD
from stage.words import Words, fill, narrow, parser, wide, words

FACTS = 'output', 'end', 'packet'


def arguments() -> argparse.Namespace:
    options = parser(None, prog='play.sh', add_help=False)
    for option in '--list', '--compare', '--free', '--json':
        options.add_argument(option, action='store_true')
    options.add_argument('--pcap', metavar='FILE')
    options.add_argument('name', nargs='?', metavar='NAME|FILE')
    options.add_argument('rest', nargs='*', metavar='tcp|udp|STEPS')
    given = options.parse_args()
    given.words, given.protocol, steps = words(), '', ''
    for one in given.rest:
        if one in PROTOCOLS:
            given.protocol = given.protocol or one
        else:
            steps += one
    found = re.fullmatch(r'(\d*)(-?)(\d*)', steps)  # 14, 14-30, 14- or nothing
    if not found:
        options.error(given.words('problems', 'no steps', text=steps))
    given.first, given.last = range_of(*found.groups())
    return given


def range_of(first: str, dash: str, last: str) -> tuple[int, int]:
    begin = int(first or 1)
    return begin, int(last or 9999) if dash or not first else begin


# ── Three ways to show a scenario ────────────────────────────────────────────────────


def show_title(key: str, scenario: Scenario, protocol: str, say: Words) -> None:
    name = say.about(scenario.name, scenario.about)[0]
    print(title(say('terminal', key, title=name, protocol=protocol)))


def show_steps(scenario: Scenario, protocol: str, given: argparse.Namespace) -> tuple:
    """Prints the steps, and how the other language differs."""
    played = both(scenario, protocol)
    one = recording(scenario, protocol, played)
    if given.json:
        story = Story(one, given.words)
        print(to_json(one, {'title': story.title, **story.data}))
    else:
        show_title('titled', scenario, protocol, given.words)
        show(one, given.first, given.last, given.words)
        if given.last >= len(one.steps):
            show_end(one, protocol in scenario.rust_differs, given.words)
    return played[0], one.differences if one.compared else None


def show_end(one: Recording, may_differ: bool, say: Words) -> None:
    """How the other language differs, and what to know of the packets."""
    if one.differences and may_differ:
        print('\n' + say('terminal', 'differs', language=one.differences[0].language))
        found = say.join('sentences', map(say.difference, one.differences))
        print(wrapped(found, '  '))
    if not one.compared:
        why = say('problems', 'no cargo')
        print('\n' + wrapped(say('terminal', 'not compared', why=why)))
    if not one.packets_seen:
        print('\n' + wrapped(say.problem(network.not_seen())))
    elif one.protocol == 'tcp':
        print('\n' + wrapped(say('terminal', 'lock step')))


def show_comparison(
    scenario: Scenario, protocol: str, given: argparse.Namespace
) -> tuple:
    """Plays all combinations of languages: a row says what is as in Python. Each server has a
    language of its own, and all clients have another."""
    say = given.words
    differ: list[Difference] = []
    languages = [one.language.lower() for one in PROGRAMS[f'{protocol}-server']]
    starts = sides(scenario)
    columns = ['server'] * starts.count('server') + ['client'] * ('client' in starts)
    combinations = list(itertools.product((0, 1), repeat=len(columns)))
    jobs = [[play, scenario, protocol, versions(starts, one)] for one in combinations]
    results = together(*jobs)
    show_title('titled', scenario, protocol, say)
    facts = [say('terminal', 'facts', kind) for kind in FACTS]
    print(bold(row([*map(say.name, columns)], facts)))
    for combination, result in zip(combinations, results):
        found = list(differences(results[0], result, protocol))
        differ.extend(found)
        cells = compared(result, any(combination), found)
        names = [languages[number] for number in combination]
        print(row(names, [say('terminal', 'cells', one) for one in cells]))
    notes = {say.difference(one): one for one in differ}
    for note in notes:
        print(wrapped(note, '  '))
    return results[0], list(notes.values())


def sides(scenario: Scenario) -> list[str]:
    """Server or client, of each program that starts."""
    return [side(one.who) for one in scenario.actions if one.verb == 'start']


def row(names: list[str], facts: list[str]) -> str:
    cells = [f'{wide(name):8} ' for name in names]
    cells += [f'{wide(fact):10} ' for fact in facts]
    return narrow(''.join(cells)).rstrip()


def versions(starts: list[str], combination: tuple[int, ...]) -> list[int]:
    """The version of each program that starts, in order."""
    servers = iter(combination)
    return [next(servers) if one == 'server' else combination[-1] for one in starts]


def compared(result: Result, has_rust: bool, found: list[Difference]) -> Iterator[str]:
    """Of each kind of facts, whether it is as in Python."""
    kinds = {one.kind for one in found}
    same = 'same' if has_rust else 'reference'
    for kind in FACTS:
        seen = 'differs' if kind in kinds else same
        yield seen if kind != 'packet' or result.packets else 'not seen'


def show_free(scenario: Scenario, protocol: str, given: argparse.Namespace) -> tuple:
    """Lets the Python programs run as they like, and shows the packets in order."""
    if not network.is_own():
        raise network.not_seen()
    job, say = [play, scenario, protocol, [0]], given.words
    free, lock_step = together([*job, True], job)
    show_title('free title', scenario, protocol, say)
    for number, packet in enumerate(free.packets, 1):
        packet.by = 'program'  # without lock step it is not known
        print(filled(say.packet(packet), f'{number:3} ', ' ' * 6))
    counts = {'free': len(free.packets), 'lock_step': len(lock_step.packets)}
    print('\n' + wrapped(say('terminal', 'free', **counts)))
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
            files = sorted(names)
            yield Problem('not as python', differences=found, files=files, **facts)
        if found == [] and may_differ:
            yield Problem('does not differ', **facts)
    yield from unmet(scenario, shown)


def unmet(scenario: Scenario, shown: dict[str, tuple]) -> Iterator[Problem]:
    """What a scenario expects, and what did not happen: a packet over one of the protocols, an answer
    over any of those that the question is for."""
    for action in scenario.actions:
        missed = [one for one, (result, _) in shown.items() if action in result.unmet]
        facts = {'name': scenario.name, 'line': action.line, 'who': action.who}
        if missed and action.verb != 'ask':
            yield ScenarioError('no packet', over=missed[0], **facts)
        elif missed and missed in ([action.value.over], scenario.protocols):
            yield ScenarioError('not answered', question=action.value.text, **facts)


def write_pcap(path: str, plays: list[Result]) -> None:
    if any(one.packets is None for one in plays):
        raise network.not_seen()
    with open(path, 'wb') as file:
        file.write(PCAP_HEAD + b''.join(itertools.chain(*(one.pcap for one in plays))))


def play_one(given: argparse.Namespace) -> int:
    """Plays a scenario; returns the exit status."""
    scenario = load(given.name)
    protocols = scenario.chosen(given.protocol)
    way = show_free if given.free else show_steps
    way = show_comparison if given.compare else way
    shown = {one: way(scenario, one, given) for one in protocols}
    if given.pcap:
        write_pcap(given.pcap, [result for result, _ in shown.values()])
    return show_wrong(list(judge(scenario, shown)), given)


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
        for one in load_all():
            about = given.words.about(one.name, one.about)
            print(f'{one.name:15} {" ".join(one.protocols):8} {about[0]}')
        return 0
    try:
        return play_one(given)
    except ScenarioError as error:
        if not given.json:
            raise
        return show_wrong([error], given)
