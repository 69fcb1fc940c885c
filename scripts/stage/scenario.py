"""Reads a scenario: a small file in which each line says who does what. The grammar is in
scenarios/README.md."""

from __future__ import annotations

import re
from ast import literal_eval
from difflib import get_close_matches
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
    'differs': (rf'rust differs{OVER}', 'rust differs'),
}

TO_BE_AWAY = 'cut_off', 'reject', 'come_back'
NETWORK = 'lose', 'double', *TO_BE_AWAY  # what needs nftables
AT_ANY_TIME = 'start', 'ask', 'pause', 'begin', 'lose', 'double'
MTUS = range(576, 65536)
MOST_TYPED = 100_000  # characters
PATTERNS = {**WITHOUT_ACTION, **VERBS}


def matching(line: str) -> tuple[str, dict]:
    """The verb of a line, '' if there is none, and the parts of the line."""
    for verb, (pattern, _) in PATTERNS.items():
        match = re.fullmatch(pattern, line)
        if match:
            return verb, match.groupdict('')
    return '', {}


def names(side: str = '', first: str = '', last: str = '', **_: str) -> list[str]:
    """The programs that a line is about: `clients 2-4` are three."""
    if not first:
        return [side]
    return [f'{side} {number}' for number in range(int(first), int(last or first) + 1)]


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


class Scenario:
    """The title, what it is about, its protocols, and its actions."""

    def __init__(self, name: str, text: str):
        self.name = name
        self.about: list[str] = []
        self.actions: list[Action] = []
        self.protocols = list(PROTOCOLS)
        self.rust_differs: set[str] = set()
        self.mtu: int | None = None  # bytes in a packet at most; None: 64 KiB
        self.away: set[str] = set()  # who is cut off, or whose packets are rejected
        for number, line in enumerate(map(str.strip, text.split('\n')), 1):
            if line:
                self.read(line, number)
        if not self.actions:
            raise ScenarioError('nobody does anything', name=name)
        for action in self.actions:
            if action.verb in ('lose', 'double'):
                self.expect_start(action.who, action.line)
        self.title = self.about[0] if self.about else name

    def read(self, line: str, number: int) -> None:
        verb, found = matching(line)
        if not verb:
            known = [example for _, example in PATTERNS.values()]
            similar = get_close_matches(line, known, 3, 0)
            self.fail('no such line', number, text=line, known=similar)
        if verb in WITHOUT_ACTION:
            self.note(verb, number, found)
            return
        several = names(**found)
        if not several:  # clients 4-2
            self.fail('nobody in line', number)
        for who in several:
            if verb not in AT_ANY_TIME:
                self.expect_start(who, number)
            if verb in TO_BE_AWAY:
                self.move(verb, who, number)
            value = self.value(verb, who, number, found)
            self.actions.append(Action(verb, who, number, value))

    def note(self, verb: str, number: int, found: dict) -> None:
        """A line without an action."""
        value = found.get('value', '')
        over = [found['over']] if found.get('over') else list(PROTOCOLS)
        if verb == 'about':
            self.about.append(value.strip())
        elif verb == 'only':
            self.protocols = [value]
        elif verb == 'differs':
            self.rust_differs = set(over)
        elif verb == 'answer':  # belongs to the question in the line before
            if not self.actions or self.actions[-1].verb != 'ask':
                self.fail('no question', number)
            self.actions[-1].value.answers.update(dict.fromkeys(over, value))
        elif int(value) in MTUS:
            self.mtu = int(value)
        else:
            self.fail('no such mtu', number, least=MTUS[0], most=MTUS[-1])

    def value(self, verb: str, who: str, number: int, found: dict) -> Any:
        """What is typed, the seconds, the port, or the question of a line."""
        value = found.get('value', '')
        if verb == 'ask':
            call = ALIASES.get(found['call'], found['call'])
            return Question(value, who, call, found['when'], found['over'])
        if verb != 'type':
            return int(value) if value else None
        try:
            return typed(value)
        except (SyntaxError, ValueError):
            self.fail('no such text', number, text=value, most=MOST_TYPED)

    def expect_start(self, who: str, number: int) -> None:
        if not any((one.verb, one.who) == ('start', who) for one in self.actions):
            self.fail('not started', number, who=who)

    def move(self, verb: str, who: str, number: int) -> None:
        """Nobody goes away twice, or comes back without being away."""
        if verb != 'come_back' and who in self.away:
            self.fail('is away', number, who=who)
        if verb == 'come_back' and who not in self.away:
            self.fail('is not away', number, who=who)
        self.away ^= {who}

    @property
    def needs_network(self) -> int | None:
        """The first line that cannot be played without a network namespace."""
        lines = [one.line for one in self.actions if one.verb in NETWORK]
        return min(lines, default=None)

    def chosen(self, protocol: str) -> list[str]:
        """This protocol, if it is one of the scenario's; all if none is chosen."""
        found = [one for one in self.protocols if protocol in ('', one)]
        if not found:
            raise ScenarioError('only for', name=self.name, protocol=self.protocols[0])
        return found

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
    return list(map(load, dict.fromkeys([*CLASS, *found])))
