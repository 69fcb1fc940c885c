"""The facts: what is in a scenario, and what was seen when it was played. None of them is a sentence.

`play.sh --json` prints a `Recording` as JSON, a line for each protocol: an object has the names
below, a tuple is a list, None is null. Bytes are text in UTF-8; a byte that is not UTF-8 is an escape
from \\udc80 to \\udcff (Python's `surrogateescape`). Somebody is `server`, `client`, or with a number:
`client 2`. In `page` is the same in words, as the page shows it. If something is wrong, there is a line
{"line": 4, "error": "…"}: the line of the scenario, or null, and a sentence.
"""

from __future__ import annotations

import dataclasses
import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class Problem(Exception):
    """Something cannot be done: a key of the words' `problems`, and the facts for that sentence."""

    status = 1  # of the command that fails

    def __init__(self, key: str, **facts: Any):
        super().__init__(key, facts)
        self.key, self.facts = key, facts

    def __reduce__(self) -> tuple:  # it may come from another process
        return functools.partial(type(self), self.key, **self.facts), ()


class ScenarioError(Problem):
    """A scenario cannot be read or played. The facts may have its `line`, counted from 1."""

    status = 2


# ── What a scenario says ─────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Question:
    """Asked just before the step that answers it."""

    text: str
    who: str = ''  # whose call answers it; '': the next step does
    call: str = ''  # 'send' is also sendto, 'recv' also recvfrom
    when: str = ''  # 'returns', 'waits', or '' for either
    over: str = ''  # the protocol for which it is; '': for both
    answers: dict[str, str] = field(default_factory=dict)  # why, for each protocol


@dataclass(frozen=True)
class Action:
    """One thing that happens in a scenario."""

    verb: str  # a key of scenario.VERBS
    who: str  # '' if it is about everybody
    line: int  # in the file
    value: Any = None  # what is typed, the seconds that pass, the port, the Question


# ── What was seen ────────────────────────────────────────────────────────────────────


@dataclass
class Packet:
    """A packet that crossed the network. One that is sent again is a packet of its own."""

    at: float  # seconds since the play began, when it was read: a little late
    sender: str
    receiver: str
    ports: tuple[int, int]  # of the sender, of the receiver
    kind: str  # 'TCP', 'UDP' or 'ICMP'
    flags: tuple[
        str, ...
    ]  # of TCP: 'SYN', 'FIN', 'RST', 'PSH', 'ACK'; of ICMP: type and code
    seq: int | None  # counted from the sender's SYN
    ack: int | None  # counted from the receiver's SYN
    data: bytes
    by: str  # 'program': a call sent it; 'kernel': no call did; 'network': it is a copy
    # 'arrives', 'lost', 'rejected' (an ICMP message says so), 'copy', or 'incomplete': a fragment that
    # arrives, and another one is lost.
    fate: str = 'arrives'
    again: bool = False  # it was sent before, and its kernel repeats it
    # Seconds since it was sent before; None also if it was lost several times, which depends on time.
    waited: float | None = None
    # Of a datagram in several packets: where this part of its data begins, in bytes.
    fragment: int | None = None

    @property
    def client(self) -> str:
        """The client that sends or receives it."""
        return self.receiver if side(self.sender) == 'server' else self.sender


@dataclass(frozen=True)
class Socket:
    """A socket as its kernel shows it."""

    owner: str
    peer: str | None  # the client with which a server's socket is connected
    port: int
    peer_port: int | None
    # 'LISTEN', 'ESTABLISHED' …; 'UDP'; before the kernel's table has it, 'new', or 'bound' to its port.
    state: str
    queued: int  # connections that wait for accept; of a listening socket only
    unread: int  # bytes that the program has not received; a FIN does not count

    @property
    def has_data(self) -> bool:
        """Whether recv would return at once."""
        return self.unread > 0 or self.state == 'CLOSE-WAIT'

    @property
    def key(self) -> tuple:
        """The same while the socket is the same."""
        return self.owner, self.peer, self.port, self.peer_port, self.state == 'LISTEN'


@dataclass
class Step:
    """One thing that a program does, or that happens to it."""

    who: str  # '' if time passes
    # A line is 'done', 'raises' or 'waits'; a program 'exits', is 'killed' or 'interrupted' (Ctrl-C); it
    # is 'held' or 'goes on'; the network 'will lose' or 'will double' its next packet; it is 'cut off',
    # its packets are 'rejected', it is 'back'; time 'passes'.
    event: str
    line: int | None = None  # in the program, if a line is done, raises or waits
    source: str | None = None  # this line, without its comment
    call: str | None = None  # the function or method that the line calls
    port: int | None = None  # that bind gives to the socket
    count: int | None = (
        None  # bytes that the call sent or received; characters that input read
    )
    discarded: int = (
        0  # bytes of a datagram that did not fit into what recvfrom may return
    )
    assigned: dict[str, str] = field(
        default_factory=dict
    )  # new values, in Python's notation
    output: str = (
        ''  # what its terminal shows now and did not before, with what was typed
    )
    error: int | str | None = (
        None  # its number, or the name of an exception without one
    )
    message: str = ''  # the exception as Python writes it
    seconds: int | None = None  # that pass
    packets: list[Packet] = field(default_factory=list)
    sockets: list[Socket] | None = None  # all, if any has changed
    questions: list[Question] = field(default_factory=list)  # that this step answers


@dataclass(frozen=True)
class Difference:
    """The first place where another language's programs do something else than Python's."""

    kind: str  # 'output', 'end' or 'packet'
    who: str  # whose output or end it is; the sender of the packet
    again: bool  # the program had been started before
    number: int  # of the line of its output, or of the packet; from 1
    python: Any  # a line, an End, or a Sent; None: there is none
    other: Any
    language: str  # of the other
    message: str = ''  # the other program's last message


@dataclass(frozen=True)
class End:
    """How a program ended."""

    how: str  # 'runs' still, 'exits', or 'killed'
    error: int | str | None = (
        None  # its number, or the name of an exception without one
    )
    status: int = 0  # the exit status


@dataclass(frozen=True)
class Sent:
    """What two plays compare of a packet."""

    sender: str
    receiver: str
    kind: str
    flags: tuple[str, ...]
    length: int
    data: bytes  # with the time masked
    fate: str
    again: bool


@dataclass
class Recording:
    """A play of the Python programs, and how the other language differs."""

    name: str  # of the scenario
    protocol: str  # 'tcp' or 'udp'
    title: str
    about: list[str]
    packets_seen: bool  # False where the system gives no network namespace
    steps: list[Step]
    begins: int  # the number of the step with which a page begins, from 0
    differences: list[
        Difference
    ]  # as the scenario says, or those that it does not expect
    compared: bool  # False where the other language's programs could not be built


# ── What follows from it ─────────────────────────────────────────────────────────────


@dataclass
class State:
    """How things stand with a program after a step."""

    line: int | None = None
    call: str = ''  # in which it waits
    runs: bool = True
    screen: str = ''
    # Each variable: the line that gave it its value, and that value.
    variables: dict[str, tuple[int | None, str]] = field(default_factory=dict)


def side(who: str) -> str:
    """'server' or 'client'."""
    return who.split(' ')[0]


def states(steps: list[Step]) -> Iterator[tuple[dict[str, State], list[Socket]]]:
    """After each step: how things stand with each program, and all sockets."""
    programs: dict[str, State] = {}
    sockets: list[Socket] = []
    for step in steps:
        if step.who:
            programs = {**programs, step.who: state_after(programs.get(step.who), step)}
        sockets = sockets if step.sockets is None else step.sockets
        yield programs, sockets


def state_after(before: State | None, step: Step) -> State:
    """A program's state after its step. A program that has ended starts anew, and empty."""
    if before is None or not before.runs and step.event != 'exits':
        before = State()
    new = {name: (step.line, value) for name, value in step.assigned.items()}
    after = State(
        before.line,
        before.call,
        screen=before.screen + step.output,
        variables={**before.variables, **new},
    )
    if step.event in ('exits', 'killed'):
        after.line, after.call, after.runs = None, '', False
    elif step.event in ('done', 'raises', 'waits'):
        after.line = step.line
        after.call = (step.call or '') if step.event == 'waits' else ''
    return after


def is_due(who: str, state: State, sockets: list[Socket]) -> bool:
    """Whether a program would go on if it ran: what its call waits for is there. It is held until it
    has its turn."""
    # A server reads from the client whose address it has.
    _, address = state.variables.get('addr', (0, ''))
    peers = [int(port) for port in re.findall(r', (\d+)\)', address)]
    return any(
        {
            'accept': one.queued > 0,
            'connect': one.state == 'ESTABLISHED',
            'recv': one.has_data and (not peers or one.peer_port in peers),
            'recvfrom': one.unread > 0,
        }.get(state.call)
        for one in sockets
        if one.owner == who
    )


def changed(
    before: list[Socket], now: list[Socket]
) -> Iterator[tuple[Socket | None, Socket | None]]:
    """Each socket that is new, another, or gone: as it was, and as it is."""
    old = {one.key: one for one in before}
    for one in now:
        was = old.pop(one.key, None)
        if one != was:
            yield was, one
    for was in old.values():
        yield was, None


# ── As JSON ──────────────────────────────────────────────────────────────────────────


def plain(value: Any) -> Any:
    """Bytes as text."""
    if isinstance(value, bytes):
        return value.decode('utf-8', 'surrogateescape')
    raise TypeError(type(value).__name__)


def to_json(recording: Recording, page: dict) -> str:
    """The recording as a line of JSON, with what the page shows of it."""
    return json.dumps({**dataclasses.asdict(recording), 'page': page}, default=plain)
