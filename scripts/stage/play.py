"""Plays a scenario: programs of several languages, one at a time, in lock step.

One program runs until it is at rest: it waits, or it has exited. All others stand still (SIGSTOP).
So the order is the same in every run.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Callable

from stage import mask, network
from stage.model import Action, Packet, Problem, ScenarioError, Step, side
from stage.processes import Program, free_port
from stage.project import HOST, PROGRAMS, SIDES
from stage.scenario import NETWORK, Scenario
from stage.wire import Wire

DEADLINE = 30  # seconds for a program to come to rest
# After these its program runs.
RUNS = 'start', 'type', 'leave', 'go_on', 'interrupt'


def in_versions(protocol: str, versions: list[int]) -> Callable:
    """The command line of each program in one of its versions; a single one is that of all."""
    left = list(versions)

    def argv(action: Action, address: list) -> list[str]:
        number = left[0] if len(left) == 1 else left.pop(0)
        return PROGRAMS[f'{protocol}-{side(action.who)}'][number].command(*address)

    return argv


class Play:
    """Plays a scenario once. `argv` is a function that returns the command line of a program; its
    arguments are the action that starts it, and its address; an empty one is the program's own. If
    the play is free, there is no lock step."""

    def __init__(
        self, scenario: Scenario, protocol: str, argv: Callable, free: bool = False
    ):
        self.scenario, self.protocol, self.argv = scenario, protocol, argv
        self.is_free = free
        self.folder = tempfile.TemporaryDirectory()
        self.all: list[Program] = []  # in the order of their start
        self.programs: dict[str, Program] = {}  # the last of each name
        self.ready: list[Program] = []  # those that have got a packet
        self.packets: list[Packet] = []  # those that no step has yet
        self.steps: list[Step] = []
        self.begins = 0  # the step with which a page begins
        # Without a namespace: the port that is used instead of the program's own.
        self.ports: dict[int, int] = {}
        versions = [one for side in SIDES for one in PROGRAMS[f'{protocol}-{side}']]
        self.own_port = versions[0].port
        self.owners = {version.port: 'server' for version in versions}  # of each port
        self.wire: Wire | None = None
        if scenario.needs_network:
            with self.in_line(scenario.needs_network):
                network.check()
        if network.is_own():
            network.enter(scenario.mtu)
            self.wire = Wire(protocol, self.owners)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.all:
            program.close()
        self.folder.cleanup()

    def play(self, actions: list[Action] | None = None) -> None:
        for action in actions or self.scenario.actions:
            with self.in_line(action.line):
                self.act(action)

    def act(self, action: Action) -> None:
        happens_to = self.wire.faults if self.wire and action.verb in NETWORK else self
        getattr(happens_to, action.verb)(action)
        runs = action.verb in RUNS
        self.see_packets(action.who if runs else None)
        if action.verb != 'pause':
            self.did(action)
        if runs:
            self.turn(self.programs[action.who])
        self.take_turns()

    @contextmanager
    def in_line(self, line: int) -> Iterator[None]:
        """An error is one of the scenario's line."""
        try:
            yield
        except ScenarioError as error:
            facts = {'name': self.scenario.name, 'line': line, **error.facts}
            raise ScenarioError(error.key, **facts) from None

    # ── What a recording does otherwise ──────────────────────────────────────────────

    def program(self, action: Action, argv: list[str]) -> Program:
        """Starts a program."""
        return Program(action.who, argv, self.folder.name)

    def did(self, action: Action) -> None:
        """An action is done, or a question is asked."""

    def rests(self, program: Program) -> None:
        """A program is at rest, perhaps in a call that it has begun."""

    def exited(self, program: Program) -> None:
        """A program has exited."""

    # ── Actions ──────────────────────────────────────────────────────────────────────

    def ask(self, action: Action) -> None:
        """A question for people."""

    begin = ask

    def start(self, action: Action) -> None:
        own = action.value or self.own_port
        if side(action.who) == 'server':
            # From now on a port is this server's, unless another one has it.
            holder = self.programs.get(self.owners.get(own, ''))
            if not holder or holder.has_exited:
                self.owners[own] = action.who
        elif self.wire:
            self.wire.faults.start(action.who)
        port = action.value
        if not self.wire:  # its own may be in use
            port = self.ports[own] = self.ports.get(own) or free_port()
        address = [HOST, port] if port else []
        program = self.program(action, self.argv(action, address))
        self.programs[action.who] = program
        self.all.append(program)

    def type(self, action: Action) -> None:
        self.programs[action.who].type(action.value or '')

    leave = type

    def hold(self, action: Action) -> None:
        self.programs[action.who].is_held = True
        self.programs[action.who].stop()

    def go_on(self, action: Action) -> None:
        self.programs[action.who].is_held = False

    def kill(self, action: Action) -> None:
        program = self.programs[action.who]
        program.process.kill()
        program.process.wait()
        program.has_exited = True

    def interrupt(self, action: Action) -> None:
        self.programs[action.who].process.send_signal(signal.SIGINT)

    def pause(self, action: Action) -> None:
        """All programs run, except those that are held."""
        running = list(filter(self.may_run, self.all))
        if not running:
            return
        self.did(action)
        end = time.monotonic() + action.value
        for program in running:
            program.go()
        while time.monotonic() < end:
            self.rest(running)
            time.sleep(0.05)
        self.stop(running)

    # ── Turns ────────────────────────────────────────────────────────────────────────

    @staticmethod
    def may_run(program: Program) -> bool:
        return not program.is_held and not program.has_exited

    def in_order(self, programs: list[Program]) -> list[Program]:
        """Servers first, then in the order of their start."""
        started = [one for one in self.all if one in programs]
        return sorted(started, key=lambda one: side(one.name), reverse=True)

    def take_turns(self) -> None:
        """Whoever has got a packet has a turn, until nobody gets one. If packets are not
        seen, everybody has two turns."""
        if not self.wire:
            for program in self.in_order(self.all) * 2:
                self.turn(program)
        while True:
            ready = self.in_order([one for one in self.ready if self.may_run(one)])
            if not ready:
                return
            self.turn(ready[0])

    def turn(self, program: Program) -> None:
        """A program runs until it is at rest."""
        if not self.may_run(program):
            return
        self.ready = [one for one in self.ready if one is not program]
        program.go()
        self.rest([program])
        self.stop([program])

    def rest(self, running: list[Program]) -> None:
        """Waits until programs are at rest. A packet that arrives only then, because it was sent
        again, may wake its receiver: all wait once more."""
        names = [program.name for program in running]
        acting = names[0] if len(names) == 1 else None
        while True:
            self.wait_for_rest(running)
            new = self.see_packets(acting)
            if not any(one.receiver in names for one in new):
                break
        for program in running:
            self.rests(program)
            if program.ended() and not program.has_exited:
                program.has_exited = True
                self.exited(program)

    def wait_for_rest(self, running: list[Program]) -> None:
        end, before = time.monotonic() + DEADLINE, None
        while time.monotonic() < end:
            now = [program.state() for program in running]
            if all(now) and now == before:  # twice the same
                return
            before = now
            time.sleep(0.002)
        who = ', '.join(program.name for program in running)
        raise Problem('not at rest', seconds=DEADLINE, who=who)

    def stop(self, running: list[Program]) -> None:
        for program in running if not self.is_free else ():
            program.stop()

    def see_packets(self, acting: str | None) -> list[Packet]:
        """Keeps the new packets. Whoever gets one is to have a turn."""
        new = self.wire.new_packets(acting) if self.wire else []
        self.packets += new
        for packet in new:
            program = self.programs.get(packet.receiver)
            arrives = packet.fate in ('arrives', 'copy') and packet.receiver != acting
            if arrives and program and program not in self.ready:
                self.ready.append(program)
        return new

    @property
    def unmet(self) -> list[Action]:
        """What did not happen: a packet that was to be lost or doubled."""
        return self.wire.faults.pending if self.wire else []

    # ── What is compared ─────────────────────────────────────────────────────────────

    def public(self, text: str) -> str:
        """Shown are the ports that the programs have in their files."""
        for own, port in self.ports.items():
            text = mask.number(text, port, own)
        return text

    def masked(self, text: str) -> str:
        text = mask.times(self.public(text))
        return mask.ports(text, self.owners, others_stay=bool(self.wire))
