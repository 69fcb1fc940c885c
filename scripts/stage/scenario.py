"""Reads a scenario: a small file in which each line says who does what. The grammar is in
scenarios/README.md."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import chain
from pathlib import Path
from typing import Any

from stage.model import Action, Question, ScenarioError
from stage.project import PROTOCOLS, SCRIPTS

FOLDER = SCRIPTS / 'scenarios'
CLASS = (
    'hello no-server other-port two-clients queue texts long-line chinese '
    'client-first server-first killed killed-unread server-back '
    'lost-reply lost-request twice mtu mtu-lost firewall rejected cable away last-ack '
    'client-resets ctrl-c'
).split()

ALIASES = {'sendto': 'send', 'recvfrom': 'recv'}
CALLS = '|'.join(
    ['socket|bind|listen|accept|connect|send|recv|close|input|exits', *ALIASES]
)
OVER = r'(?: over (?P<over>tcp|udp))?'
WHO = r'(?P<side>server|client)s?(?: (?P<first>\d\d?)(?:-(?P<last>\d\d?))?)?'
CLIENT, SERVER = WHO.replace('server|', ''), WHO.replace('|client', '')
# Each verb: the pattern of its line, and such a line.
VERBS = {
    'start': (WHO + r' starts?(?: on port (?P<value>\d{1,5}))?', 'server starts'),
    'type': (CLIENT + r' types? (?P<value>.+)', 'client types hello'),
    'leave': (CLIENT + r' leaves?', 'client leaves'),
    'hold': (WHO + r' (?:is|are) held', 'server is held'),
    'go_on': (WHO + r' go(?:es)? on', 'server goes on'),
    'kill': (WHO + r' (?:is|are) killed', 'server is killed'),
    'lose': (rf'the next packet to {WHO} is lost', 'the next packet to client is lost'),
    'double': (
        rf'the next packet to {WHO} arrives twice',
        'the next packet to server arrives twice',
    ),
    'cut_off': (rf'{WHO} (?:is|are) cut off', 'client is cut off'),
    'reject': (rf'packets to {SERVER} are rejected', 'packets to server are rejected'),
    'come_back': (rf'{WHO} (?:is|are) back', 'client is back'),
    'interrupt': (
        rf'{WHO} (?:is|are) stopped by Ctrl-C',
        'server is stopped by Ctrl-C',
    ),
    'ask': (
        rf'ask{OVER}(?: {WHO} (?P<call>{CALLS})(?: (?P<when>returns|waits))?)?: (?P<value>.+)',
        'ask client send: A question?',
    ),
    'begin': (r'the page begins here', 'the page begins here'),
    'pause': (r'(?P<value>\d{1,5}) seconds? pass(?:es)?', '6 seconds pass'),
}
WITHOUT_ACTION = {
    'about': (r'#(?P<value>.*)', '# A title'),
    'answer': (rf'answer{OVER}: (?P<value>.+)', 'answer: Because …'),
    'only': (r'only (?P<value>tcp|udp)', 'only tcp'),
    'mtu': (r'mtu (?P<value>\d{1,5})', 'mtu 1500'),
    'differs': (r'rust differs(?: over (?P<value>tcp|udp))?', 'rust differs'),
}

TO_BE_AWAY = 'cut_off', 'reject', 'come_back'
NETWORK = 'lose', 'double', *TO_BE_AWAY  # what needs nftables
MTUS = range(576, 65536)
MOST_TYPED = 100_000  # characters
PATTERNS = {**WITHOUT_ACTION, **VERBS}


def matching(line: str) -> tuple[str, dict]:
    """The verb of a line, '' if there is none, and the parts of the line."""
    for verb, (pattern, _) in PATTERNS.items():
        match = re.fullmatch(pattern, line)
        if match:
            return verb, match.groupdict()
    return '', {}


def who_starts(line: str) -> list[str]:
    """Who is started by this line."""
    verb, found = matching(line)
    return names(found) if verb == 'start' else []


def names(found: dict) -> list[str]:
    """The programs that a line is about: `clients 2-4` are three."""
    if not found.get('side'):
        return ['']
    if not found['first']:
        return [found['side']]
    numbers = range(int(found['first']), int(found['last'] or found['first']) + 1)
    return [f'{found["side"]} {number}' for number in numbers]


def typed(value: str) -> str:
    """What is typed: the text itself, or a Python string such as 'x' * 1500."""
    literal = re.fullmatch(r"('(?:[^'\\]|\\.)*')(?: \* (\d{1,5}))?", value)
    if not literal:
        return value
    text, count = literal_eval(literal[1]), int(literal[2] or 1)
    text.encode()  # a part of a character is no text
    if len(text) * count > MOST_TYPED:
        raise ValueError
    return text * count


def value_of(verb: str, who: str, found: dict) -> Any:
    """What is typed, the seconds, the port, or the question of a line."""
    value: Any = found.get('value')
    if verb == 'ask':
        call = ALIASES.get(found['call'], found['call'])
        return Question(
            value, who, call or '', found['when'] or '', found['over'] or ''
        )
    if verb == 'type':
        return typed(value)
    return int(value) if value else None


class Scenario:
    """The title, what it is about, its protocols, and its actions."""

    def __init__(self, name: str, text: str):
        self.name = name
        self.about: list[str] = []
        self.actions: list[Action] = []
        self.protocols = list(PROTOCOLS)
        self.rust_differs: set[str] = set()
        self.mtu: int | None = None  # bytes in a packet at most; None: 64 KiB
        self.away: set[str] = (
            set()
        )  # those that are cut off, or whose packets are rejected
        lines = [line.strip() for line in text.splitlines()]
        self.starting = set(chain(*map(who_starts, lines)))
        for number, line in enumerate(lines, 1):
            if line:
                self.read(line, number)
        if not self.actions:
            raise ScenarioError('nobody does anything', name=name)
        self.title = self.about[0] if self.about else name

    def read(self, line: str, number: int) -> None:
        verb, found = matching(line)
        if verb in VERBS:
            self.actions += self.read_actions(verb, number, found)
            return
        if not verb:
            known = [example for _, example in PATTERNS.values()]
            similar = get_close_matches(line, known, 3, 0)
            self.fail('no such line', number, text=line, known=similar)
        value: Any = found.get('value')
        if verb == 'about':
            self.about.append(value.strip())
        elif verb == 'answer':
            self.read_answer(value, found['over'], number)
        elif verb == 'only':
            self.protocols = [value]
        elif verb == 'differs':
            self.rust_differs = {value} if value else set(PROTOCOLS)
        elif int(value) in MTUS:
            self.mtu = int(value)
        else:
            self.fail('no such mtu', number, least=MTUS[0], most=MTUS[-1])

    def read_actions(self, verb: str, number: int, found: dict) -> Iterator[Action]:
        """The actions of a line."""
        for who in names(found):
            self.check(verb, who, number)
            try:
                yield Action(verb, who, number, value_of(verb, who, found))
            except (SyntaxError, ValueError):
                self.fail('no such text', number, text=found['value'], most=MOST_TYPED)

    def read_answer(self, text: str, over: str, number: int) -> None:
        """Belongs to the question in the line before."""
        question = self.actions[-1].value if self.actions else None
        if not isinstance(question, Question):
            self.fail('no question', number)
            return
        protocols = [over] if over else list(PROTOCOLS)
        question.answers.update(dict.fromkeys(protocols, text))

    def check(self, verb: str, who: str, number: int) -> None:
        """Somebody must have started, except for a question, or before the first packet."""
        started = {one.who for one in self.actions if one.verb == 'start'}
        if verb in ('lose', 'double'):
            started = self.starting
        if who not in started and verb not in ('start', 'ask', 'pause', 'begin'):
            self.fail('not started', number, who=who)
        if (verb == 'come_back') != (who in self.away) and verb in TO_BE_AWAY:
            key = 'is not away' if verb == 'come_back' else 'is away'
            self.fail(key, number, who=who)
        if verb in TO_BE_AWAY:
            self.away ^= {who}

    @property
    def needs_network(self) -> int | None:
        """The first line that cannot be played without a network namespace."""
        lines = [one.line for one in self.actions if one.verb in NETWORK]
        return min(lines, default=None)

    def fail(self, key: str, number: int, **facts) -> None:
        raise ScenarioError(key, name=self.name, line=number, **facts)


def load(name: str) -> Scenario:
    """A scenario by its name, or by the path of its file."""
    path = FOLDER / f'{name}.txt'
    path = path if path.exists() else Path(name)
    try:
        text = path.read_text(encoding='utf-8-sig')
    except UnicodeDecodeError:
        raise ScenarioError('not UTF-8', name=name) from None
    except OSError:
        raise ScenarioError('no such scenario', name=name) from None
    return Scenario(path.stem, text)


def load_all() -> list[Scenario]:
    """All scenarios, in the order of a class, then the others."""
    found = sorted(path.stem for path in FOLDER.glob('*.txt'))
    return [
        load(name) for name in CLASS + [name for name in found if name not in CLASS]
    ]
