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
        self.steps: list[Step] = []
        self.begins = 0
        self.questions: list[Action] = []  # that no step has answered
        self.begun: dict[
            str, dict
        ] = {}  # the call of each program that may have to wait
        self.variables: dict[Program, dict[str, str]] = {}
        self.screens: dict[Program, str] = {}
        self.tracebacks: dict[Program, str] = {}
        self.sockets: list[Socket] = []
        self.listed: set[str] = set()  # sockets that were in the tables: not new
        self.bound: dict[
            Program, int
        ] = {}  # the port that bind has given to a program's socket

    def program(self, action: Action, argv: list[str]) -> Program:
        path = PROGRAMS[f'{self.protocol}-{side(action.who)}'][0].path
        return TracedProgram(action.who, argv, self.folder.name, path, self.line)

    # ── What programs do ─────────────────────────────────────────────────────────────

    def line(self, program: Program, report: dict) -> None:
        """A program reports a line, or a call that may have to wait."""
        self.begun.pop(program.name, None)
        if report['event'] == 'begins':
            self.begun[program.name] = report
            return
        now = {name: self.public(value) for name, value in report['variables'].items()}
        before, self.variables[program] = self.variables.get(program, {}), now
        line = self.source(program, report['line'])
        call = CALL.search(line)
        step = Step(
            program.name,
            report['event'],
            report['line'],
            line,
            call[1] if call else None,
            count=report.get('count'),
            port=self.shown_port(report.get('port')),
        )
        if step.event == 'done':
            step.assigned = assigned(line, before, now)
        elif step.event == 'raises':
            step.call = report.get('call')
            step.error, step.message = report['error'], report['message']
        self.add(step, program)

    def source(self, program: Program, number: int) -> str:
        """A line of the program without its comment."""
        path = PROGRAMS[f'{self.protocol}-{side(program.name)}'][0].path
        return source.read(path).splitlines()[number - 1].rstrip().split('  #')[0]

    def shown_port(self, port: int | None) -> int | None:
        own = {used: own or self.own_port for own, used in self.ports.items()}
        return own.get(port, port) if port else None

    def rests(self, program: Program) -> None:
        report = self.begun.pop(program.name, None)
        if report and not program.ended():
            self.line(program, {**report, 'event': 'waits'})

    def exited(self, program: Program) -> None:
        self.tracebacks[program] = traceback(read(program.err))
        self.add(Step(program.name, 'exits', error=program.end().error), program)

    def did(self, action: Action) -> None:
        if action.verb == 'ask':
            if action.value.over in ('', self.protocol):
                self.questions.append(action)
        elif action.verb == 'begin':
            self.begins = len(self.steps)
        elif action.verb in EVENTS:
            seconds = action.value if action.verb == 'pause' else None
            step = Step(action.who, EVENTS[action.verb], seconds=seconds)
            self.add(step, self.programs.get(action.who))

    @property
    def unmet(self) -> list[Action]:
        return [*super().unmet, *self.questions]

    # ── Steps ────────────────────────────────────────────────────────────────────────

    def add(self, step: Step, program: Any) -> None:
        """Adds a step. It answers the questions that were asked about its call."""
        if program:
            screen = program.screen() + self.tracebacks.get(program, '')
            screen = self.public(screen)
            step.output = screen[len(self.screens.get(program, '')) :]
            self.screens[program] = screen
        step.packets = self.take_packets(step.who or None)
        self.see_sockets(step)
        answered = [one for one in self.questions if answers(step, one.value)]
        self.questions = [one for one in self.questions if one not in answered]
        step.questions = [one.value for one in answered]
        self.steps.append(step)

    def see_sockets(self, step: Step) -> None:
        if not self.wire:
            return
        if step.call == 'bind' and step.event == 'done':
            self.bound[self.programs[step.who]] = step.port or 0
        sockets = [*self.wire.sockets.now(), *self.without_row()]
        if step.call == 'recvfrom' and step.count is not None:
            read = unread(self.sockets, step.who) - unread(sockets, step.who)
            step.discarded = max(read - step.count, 0)
        if sockets != self.sockets:
            step.sockets = self.sockets = sockets

    def without_row(self) -> Iterator[Socket]:
        """New sockets, which the kernel does not show in its tables yet."""
        self.listed |= {row.inode for kind in PROTOCOLS for row in kernel.rows(kind)}
        for program in self.all:
            if program.has_exited:
                continue
            for _ in (
                kernel.inodes(program.process.pid) - self.listed - program.own_sockets
            ):
                port = self.bound.get(program, 0)
                yield Socket(
                    program.name, None, port, None, 'bound' if port else 'new', 0, 0
                )


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
