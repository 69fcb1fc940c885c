"""A recording in the words of a language, as the page shows it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stage.model import Packet, Recording, Socket, State, Step, side, states
from stage.page.fixed import Fixed
from stage.words import Words, arrow, readable, shorten

Data = dict[str, Any]  # for the script of the page


@dataclass
class Moment:
    """A step, and how things stand after it."""

    step: Step
    head: str  # the program whose imports and constants it belongs to
    is_event: bool  # something happens between programs and kernels
    programs: dict[str, State]
    before: list[Socket]
    sockets: list[Socket]


def brings_something(step: Step) -> bool:
    """A packet, or a change of a socket."""
    return bool(step.packets) or step.sockets is not None


def moments(steps: list[Step]) -> Iterator[Moment]:
    """Each step as a moment."""
    begun: set[str] = set()  # programs that have made a call since they started
    before: list[Socket] = []
    who, is_busy = '', False  # whose turn it is, and whether it has brought something
    for step, (programs, sockets) in zip(steps, states(steps)):
        if step.who != who:
            who, is_busy = step.who, False
        if step.call:
            begun.add(who)
        head = who if step.event == 'done' and who not in begun else ''
        if step.event in ('exits', 'killed'):
            begun.discard(who)
        happens = brings_something(step)
        is_quiet = step.event in ('done', 'exits')
        if step.event == 'waits':
            is_quiet = is_busy
        is_busy = is_busy or happens
        is_event = happens or not is_quiet
        yield Moment(step, head, is_event, programs, before, sockets)
        before = sockets


class Story:
    """`stops` are the steps at which one stops: the imports and constants of a program are one.
    `events` are those of them at which something happens."""

    def __init__(self, recording: Recording, words: Words):
        self.recording, self.words = Fixed(recording).recording, words
        self.name = f'{recording.name}-{recording.protocol}'
        title, *about = words.about(recording.name, recording.about)
        protocol = recording.protocol.upper()
        self.title = words('terminal', 'titled', title=title, protocol=protocol)
        self.about = ' '.join(about)
        self.moments = list(moments(self.recording.steps))
        self.stops: list[int] = []
        head = ''
        for number, one in enumerate(self.moments):
            if one.head and one.head == head:
                self.stops.pop()
            head = one.head
            self.stops.append(number)
        self.events = [one for one in self.stops if self.moments[one].is_event]

    # ── For people ───────────────────────────────────────────────────────────────────

    def caption(self, one: Moment) -> str:
        """What the step does."""
        return self.words.caption(one.step, bool(one.head))

    def questions(self, one: Moment) -> list[str]:
        """Those that the step answers."""
        return [question for question, _ in self.words.asked(self.recording, one.step)]

    def answer(self, one: Moment) -> str:
        """What the step is, in words."""
        parts = [
            self.caption(one),
            *(f'{arrow(it)} {self.words.flags(it)}' for it in one.step.packets),
            *self.words.changes(one.before, one.sockets),
        ]
        who = self.words('page', 'who', who=one.step.who)
        return who + '; '.join(parts)

    def label(self, step: Step) -> str:
        """Whose step it is."""
        if step.line:
            return self.words('page', 'line', who=step.who, line=step.line)
        if step.event == 'exits':
            return self.words('page', 'who', who=step.who)
        return ''

    def differs(self) -> str:
        """How the other language differs, or nothing."""
        found = self.recording.differences
        if not found:
            return ''
        what = '; '.join(map(self.words.difference, found))
        return self.words('page', 'differs', language=found[0].language, what=what)

    # ── For the script of the page ───────────────────────────────────────────────────

    def data(self) -> Data:
        """The recording."""
        return {
            'about': self.about,
            'protocol': self.recording.protocol,
            'stops': self.stops,
            'events': self.events,
            'differs': self.differs(),
            'seen': self.recording.packets_seen,
            'steps': list(self.steps()),
        }

    def steps(self) -> Iterator[Data]:
        """Each step, with what is new in it."""
        shown: dict[str, Data] = {}  # on each side
        for one in self.moments:
            its_side, now = side(one.step.who), self.program(one)
            before = shown.get(its_side, {})
            shown[its_side] = now
            data = {
                'side': its_side,
                'label': self.label(one.step),
                'caption': self.caption(one),
                'asks': ' '.join(self.questions(one)),
                'packets': list(map(self.packet, one.step.packets)),
                'program': {
                    name: value
                    for name, value in now.items()
                    if before.get(name) != value
                },
            }
            data = {name: value for name, value in data.items() if value}
            if one.step.sockets is not None:
                data['sockets'] = list(self.sockets(one.sockets))
            yield data

    @staticmethod
    def program(one: Moment) -> Data:
        """How things stand with the program that did the step."""
        state = one.programs.get(one.step.who)
        if not state:  # time passes
            return {}
        return {
            'who': one.step.who,
            'line': state.line,
            'waits': bool(state.call),
            'screen': shorten(state.screen),
            'values': values(state),
        }

    def packet(self, packet: Packet) -> Data:
        """A packet: which way it goes, of which client, and what it is."""
        what = self.words.numbers(packet), readable(packet.data)
        return {
            'arrow': arrow(packet),
            'client': packet.client,
            'flags': self.words.flags(packet),
            'what': ' '.join(filter(None, what)),
            'byKernel': packet.by == 'kernel',
        }

    def sockets(self, sockets: list[Socket]) -> Iterator[Data]:
        """Each socket: its ports, its state, and marks such as `5 bytes unread`."""
        clients = [socket.peer or socket.owner for socket in sockets]
        named = {one for one in clients if side(one) == 'client'}
        if len(named) == 1:
            named = set()
        for socket, client in zip(sockets, clients):
            peer = f' → :{socket.peer_port}' if socket.peer_port else ''
            yield {
                'side': side(socket.owner),
                'client': client if client in named else '',
                'ports': f':{socket.port}{peer}',
                'marks': [socket.state, *self.words.marks(socket)],
            }


def values(state: State) -> dict[int, str]:
    """What each line has assigned last; of several values those that say more than <socket>."""
    lines: dict[int, dict[str, str]] = {}
    for name, (line, value) in state.variables.items():
        lines.setdefault(line or 0, {})[name] = shorten(value)
    return {line: ', '.join(shown(assigned)) for line, assigned in lines.items()}


def shown(assigned: dict[str, str]) -> list[str]:
    if len(assigned) == 1:
        return list(assigned.values())
    return [
        f'{name} = {value}' for name, value in assigned.items() if value != '<socket>'
    ]
