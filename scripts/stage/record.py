"""Records a play of the Python programs: its steps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from stage import kernel, source
from stage.model import Action, Question, Socket, Step, side
from stage.play import Play, in_versions
from stage.processes import Program, TracedProgram, read
from stage.project import PROGRAMS, PROTOCOLS
from stage.scenario import ALIASES, Scenario
from stage.wire import Wire

CALL = re.compile(
    r'\b(socket|bind|listen|accept|connect(?:_ex)?|send(?:to|all)?|recv(?:from)?|close|input|print)\('
)
EVENTS = {
    'hold': 'held',
    'go_on': 'goes on',
    'kill': 'killed',
    'interrupt': 'interrupted',
    'lose': 'will lose',
    'double': 'will double',
    'cut_off': 'cut off',
    'reject': 'rejected',
    'come_back': 'back',
    'pause': 'passes',
}


def assigned(line: str, before: dict[str, str], now: dict[str, str]) -> dict[str, str]:
    """The variables that a line has changed, in the order in which they stand there."""
    names = re.findall(r'\w+', line.split(' = ')[0]) if ' = ' in line else []
    names += [name for name in now if before.get(name) != now[name]]
    return {name: now[name] for name in names if name in now}


class Recording(Play):
    """A play in Python that keeps its steps."""

    def __init__(self, scenario: Scenario, protocol: str):
        super().__init__(scenario, protocol, in_versions(protocol, [0]))
        self.questions: list[Action] = []  # that no step has answered
        self.sockets: list[Socket] = []
        self.listed: set[str] = set()  # sockets that were in the tables: not new

    def program(self, action: Action, argv: list[str]) -> Program:
        path = PROGRAMS[f'{self.protocol}-{side(action.who)}'][0].path
        return TracedProgram(action.who, argv, self.folder.name, path, self.line)

    # ── What programs do ─────────────────────────────────────────────────────────────

    def line(self, program: TracedProgram, report: dict) -> None:
        """A program reports a line, or a call that may have to wait."""
        program.begun = None
        if report['event'] == 'begins':
            program.begun = report
            return
        now = {name: self.public(value) for name, value in report['variables'].items()}
        before, program.variables = program.variables, now
        number, port = report['line'], report.get('port')
        line = source.read(program.path).splitlines()[number - 1].rstrip()
        line = line.split('  #')[0]  # without its comment
        step = Step(program.name, report['event'], number, line)
        call = CALL.search(line)
        step.call, step.count = call[1] if call else None, report.get('count')
        own: dict = {used: own for own, used in self.ports.items()}
        step.port = own.get(port, port)
        if step.event == 'done':
            step.assigned = assigned(line, before, now)
        elif step.event == 'raises':
            step.call = report.get('call')
            step.error, step.message = report['error'], report['message']
        self.add(step, program)

    def rests(self, program: Any) -> None:
        if program.begun and not program.ended():
            self.line(program, {**program.begun, 'event': 'waits'})
        program.begun = None

    def exited(self, program: Any) -> None:
        program.traceback = traceback(read(program.err))
        self.add(Step(program.name, 'exits', error=program.end().error), program)

    def did(self, action: Action) -> None:
        if action.verb in EVENTS:
            seconds = action.value if action.verb == 'pause' else None
            step = Step(action.who, EVENTS[action.verb], seconds=seconds)
            self.add(step, self.programs.get(action.who))

    def ask(self, action: Action) -> None:
        if action.value.over in ('', self.protocol):
            self.questions.append(action)

    def begin(self, _: Action) -> None:
        self.begins = len(self.steps)

    @property
    def unmet(self) -> list[Action]:
        return [*super().unmet, *self.questions]

    # ── Steps ────────────────────────────────────────────────────────────────────────

    def add(self, step: Step, program: Any) -> None:
        """Adds a step. It answers the questions that were asked about its call."""
        if program:
            screen = self.public(program.screen() + program.traceback)
            step.output = screen[len(program.shown) :]
            program.shown = screen
        self.see_packets(step.who or None)
        step.packets, self.packets = self.packets, []
        if self.wire:
            self.see_sockets(step, self.wire)
        answered = [one for one in self.questions if answers(step, one.value)]
        self.questions = [one for one in self.questions if one not in answered]
        step.questions = [one.value for one in answered]
        self.steps.append(step)

    def see_sockets(self, step: Step, wire: Wire) -> None:
        if step.call == 'bind' and step.event == 'done':
            self.programs[step.who].bound = step.port or 0
        sockets = [*wire.sockets.now(), *self.without_row()]
        if step.call == 'recvfrom' and step.count is not None:
            read = unread(self.sockets, step.who) - unread(sockets, step.who)
            step.discarded = max(read - step.count, 0)
        if sockets != self.sockets:
            step.sockets = self.sockets = sockets

    def without_row(self) -> Iterator[Socket]:
        """New sockets, which the kernel does not show in its tables yet."""
        self.listed |= {row.inode for kind in PROTOCOLS for row in kernel.rows(kind)}
        for one in self.all:
            if not one.has_exited:
                own = kernel.inodes(one.process.pid) - one.own_sockets - self.listed
                state = 'bound' if one.bound else 'new'
                new = Socket(one.name, None, one.bound, None, state, 0, 0)
                yield from [new] * len(own)


def answers(step: Step, question: Question) -> bool:
    """Whether a step is the answer: the call returns or waits. One that names no call is answered
    by the next step."""
    happens = 'waits' if step.event == 'waits' else 'returns'
    call = 'exits' if step.event == 'exits' else ALIASES.get(step.call or '', step.call)
    return not question.call or (
        step.who == question.who
        and question.when in ('', happens)
        and call == question.call
    )


def unread(sockets: list[Socket], who: str) -> int:
    return sum(one.unread for one in sockets if one.owner == who)


def traceback(messages: str) -> str:
    """A traceback as the terminal shows it: without the lines of what traces the program."""
    lines: list[str] = []
    keeps = True
    for line in messages.splitlines():
        path = re.match(r'  File "(?:.*/)?([^/]+/[^/]+)", ', line)
        if path:
            keeps = '_server.py' in path[1] or '_client.py' in path[1]
            line = re.sub('".*"', f'"{path[1]}"', line)
        elif not line.startswith('  '):
            keeps = True
        if keeps and line.strip(' ^~'):
            lines.append(line)
    return ''.join(f'{line}\n' for line in lines)
