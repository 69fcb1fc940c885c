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
from stage.model import Action, End, Packet, Problem, ScenarioError, Sent, side
from stage.processes import Program, free_port
from stage.project import PROGRAMS, SIDES
from stage.scenario import Scenario
from stage.wire import Wire

DEADLINE = 30  # seconds for a program to come to rest


def in_versions(protocol: str, versions: list[int]) -> Callable:
    """The command line of each program in one of its versions; a single one is that of all."""
    left = list(versions)

    def argv(action: Action, port: int | None) -> list[str]:
        number = left[0] if len(left) == 1 else left.pop(0)
        return PROGRAMS[f'{protocol}-{side(action.who)}'][number].command(port)

    return argv


class Play:
    """Plays a scenario once. `argv` is a function that returns the command line of a program; its
    arguments are the action that starts it, and a port, or None for the program's own. If the play
    is free, there is no lock step."""

    def __init__(
        self, scenario: Scenario, protocol: str, argv: Callable, free: bool = False
    ):
        self.scenario, self.protocol, self.argv, self.is_free = (
            scenario,
            protocol,
            argv,
            free,
        )
        self.folder = tempfile.TemporaryDirectory()
        self.all: list[Program] = []  # in the order of their start
        self.programs: dict[str, Program] = {}  # the last of each name
        self.ready: list[Program] = []  # those that have got a packet
        self.packets: list[Packet] = []  # those that no step has yet
        self.ports: dict[
            int | None, int
        ] = {}  # without a namespace: the port that is used
        versions = [one for side in SIDES for one in PROGRAMS[f'{protocol}-{side}']]
        self.own_port = versions[0].port
        self.servers = {version.port: 'server' for version in versions}
        self.wire: Wire | None = None
        if scenario.needs_network:
            with self.in_line(scenario.needs_network):
                network.check()
        if network.is_own():
            network.enter(scenario.mtu)
            self.wire = Wire(protocol, self.servers)

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
        getattr(self, action.verb)(action)
        runs = action.verb in ('start', 'type', 'leave', 'go_on', 'interrupt')
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

    def begin(self, action: Action) -> None:
        """A page begins here."""

    def start(self, action: Action) -> None:
        if side(action.who) == 'server':
            self.expect_server(action)
        elif self.wire:
            self.network.start(action.who)
        argv = self.argv(action, self.port_for(action.value))
        program = self.programs[action.who] = self.program(action, argv)
        self.all.append(program)

    def expect_server(self, action: Action) -> None:
        """From now on a port is this server's, unless another one has it."""
        port = action.value or self.own_port
        holder = self.programs.get(self.servers.get(port, ''))
        if not holder or holder.has_exited:
            self.servers[port] = action.who

    def port_for(self, own: int | None) -> int | None:
        """In a namespace of its own, a program uses its own port; elsewhere one that is free."""
        if self.wire:
            return own
        return self.ports.setdefault(own, self.ports.get(own) or free_port())

    def type(self, action: Action) -> None:
        self.programs[action.who].type(action.value)

    def leave(self, action: Action) -> None:
        self.programs[action.who].type('')

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
        program = self.programs[action.who]
        program.process.send_signal(signal.SIGINT)

    def lose(self, action: Action) -> None:
        self.network.lose(action)

    def double(self, action: Action) -> None:
        self.network.double(action)

    def cut_off(self, action: Action) -> None:
        self.network.go_away(action.who, 'lost')

    def reject(self, action: Action) -> None:
        self.network.go_away(action.who, 'rejected')

    def come_back(self, action: Action) -> None:
        self.network.come_back(action.who)

    @property
    def network(self) -> network.Faults:
        assert self.wire
        return self.wire.faults

    def pause(self, action: Action) -> None:
        """All programs run, except those that are held."""
        running = [program for program in self.all if self.may_run(program)]
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

    def in_order(self, programs) -> list[Program]:
        """Servers first, then in the order of their start."""

        def place(one: Program) -> tuple[bool, int]:
            return side(one.name) == 'client', self.all.index(one)

        return sorted(programs, key=place)

    def take_turns(self) -> None:
        """Whoever has got a packet has a turn, until nobody gets one. If packets are not
        seen, everybody has two turns."""
        if not self.wire:
            for program in self.in_order(self.all) * 2:
                self.turn(program)
            return
        while True:
            ready = self.in_order(filter(self.may_run, self.ready))
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
            self.see_exit(program)

    def wait_for_rest(self, running: list[Program]) -> None:
        end, before = time.monotonic() + DEADLINE, None
        while True:
            now = [program.state() for program in running]
            if all(now) and now == before:  # twice the same
                return
            before = now
            if time.monotonic() > end:
                who = ', '.join(program.name for program in running)
                raise Problem('not at rest', seconds=DEADLINE, who=who)
            time.sleep(0.002)

    def see_exit(self, program: Program) -> None:
        if program.ended() and not program.has_exited:
            program.has_exited = True
            self.exited(program)

    def stop(self, running: list[Program]) -> None:
        for program in running if not self.is_free else ():
            program.stop()

    def see_packets(self, acting: str | None) -> list[Packet]:
        """Keeps the new packets. Whoever gets one is to have a turn."""
        new = self.wire.new_packets(acting) if self.wire else []
        for packet in new:
            self.packets.append(packet)
            program = self.programs.get(packet.receiver)
            if packet.fate not in ('arrives', 'copy') or packet.receiver == acting:
                continue
            if program and program not in self.ready:
                self.ready.append(program)
        return new

    def take_packets(self, acting: str | None = None) -> list[Packet]:
        self.see_packets(acting)
        packets, self.packets = self.packets, []
        return packets

    @property
    def unmet(self) -> list[Action]:
        """What did not happen: a packet that was to be lost or doubled."""
        return self.wire.faults.pending if self.wire else []

    # ── What is compared ─────────────────────────────────────────────────────────────

    def public(self, text: str) -> str:
        """Shown are the ports that the programs have in their files."""
        for own, port in self.ports.items():
            text = mask.number(text, port, own or self.own_port)
        return text

    def masked(self, text: str) -> str:
        clients = self.wire.clients if self.wire else None
        return mask.ports(mask.times(self.public(text)), clients, self.servers)

    def outputs(self) -> list[list[str]]:
        """The lines on each program's terminal, in the order of their start."""
        return [self.masked(program.screen()).split('\n') for program in self.all]

    def ends(self) -> list[list[End]]:
        return [[program.end()] for program in self.all]

    def sent(self) -> list[Sent]:
        return [
            Sent(
                one.sender,
                one.receiver,
                one.kind,
                one.flags,
                len(one.data),
                mask.times(one.data.decode('utf-8', 'surrogateescape')).encode(
                    'utf-8', 'surrogateescape'
                ),
                one.fate,
                one.again,
            )
            for one in (self.wire.packets if self.wire else ())
        ]
