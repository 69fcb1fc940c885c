"""Reads a scenario: a small file in which each line says who does what. The grammar is in
scenarios/README.md."""
import re
from ast import literal_eval
from collections import namedtuple
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / 'scenarios'
CLASS = ['hello', 'no-server', 'other-port', 'two-clients', 'queue', 'texts', 'long-line',
         'chinese', 'client-first', 'server-first', 'killed', 'killed-unread', 'server-back']
Action = namedtuple('Action', 'verb name value call text')

CALLS = 'socket|bind|listen|accept|connect|send|recv|close|input'
WHO = r'(?P<side>server|client)s?(?: (?P<first>\d+)(?:-(?P<last>\d+))?)?'
VERBS = {
    'start': WHO + r' starts?(?: on port (?P<value>\d+))?',
    'type': WHO + r' types? (?P<value>.+)',
    'leave': WHO + r' leaves?',
    'hold': WHO + r' (?:is|are) held',
    'go_on': WHO + r' go(?:es)? on',
    'kill': WHO + r' (?:is|are) killed',
    'ask': r'ask ' + WHO + rf' (?P<call>(?:{CALLS})(?: returns| waits)?): (?P<value>.+)',
    'pause': r'(?P<value>\d+) seconds? pass(?:es)?',
}


class ScenarioError(Exception):
    """A scenario cannot be read or played."""


def names(found):
    """The programs that a line is about: `clients 2-4` are three."""
    if not found.get('side'):
        return ['']
    if not found['first']:
        return [found['side']]
    numbers = range(int(found['first']), int(found['last'] or found['first']) + 1)
    return [f"{found['side']} {number}" for number in numbers]


def text_value(value):
    """What is typed: the text itself, or a Python string such as 'x' * 1500."""
    literal = re.fullmatch(r"('.*')(?: \* (\d+))?", value)
    return literal_eval(literal[1]) * int(literal[2] or 1) if literal else value


def read_actions(line):
    """The actions of a line; none if it is not an action."""
    for verb, pattern in VERBS.items():
        match = re.fullmatch(pattern, line)
        if match:
            found = match.groupdict()
            value = found.get('value')
            if verb == 'type':
                value = text_value(value)
            for name in names(found):
                text = re.sub(WHO, name, line, count=1) if name else line
                yield Action(verb, name, value, found.get('call'), text)


class Scenario:
    """The title, what it is about, its protocols, and its actions."""

    def __init__(self, name, text):
        self.name, self.about, self.actions = name, [], []
        self.protocols, self.rust_differs = ['tcp', 'udp'], set()
        for number, line in enumerate(text.splitlines(), 1):
            try:
                self.read(line.strip())
            except (ScenarioError, ValueError, SyntaxError) as error:
                raise ScenarioError(f'{name}, line {number}: {error}') from None
        if not self.actions:
            raise ScenarioError(f'{name}: nobody does anything')
        self.title = self.about[0] if self.about else name

    def check(self, action):
        started = {one.name for one in self.actions if one.verb == 'start'}
        if action.verb not in ('start', 'ask', 'pause') and action.name not in started:
            raise ScenarioError(f'{action.name} has not started')

    def read(self, line):
        actions = list(read_actions(line))
        for action in actions:
            self.check(action)
        self.actions += actions
        if line.startswith('#'):
            self.about.append(line[1:].strip())
        elif line in ('only tcp', 'only udp'):
            self.protocols = [line[5:]]
        elif line in ('rust differs', 'rust differs over tcp', 'rust differs over udp'):
            self.rust_differs = set(re.findall('tcp|udp', line) or ['tcp', 'udp'])
        elif line and not actions:
            raise ScenarioError(f'this is no action: {line}')


def load(name):
    """A scenario by its name, or by the path of its file."""
    path = FOLDER / f'{name}.txt'
    path = path if path.exists() else Path(name)
    try:
        return Scenario(path.stem, path.read_text(encoding='utf-8'))
    except (OSError, UnicodeDecodeError):
        raise ScenarioError(f"there is no scenario '{name}'; play.sh --list names them") from None


def load_all():
    """All scenarios, in the order of a class, then the others."""
    names = sorted(path.stem for path in FOLDER.glob('*.txt'))
    return [load(name) for name in CLASS + [name for name in names if name not in CLASS]]
