"""Plays a scenario: programs of both languages, one at a time, in lock step.

One program runs until it is at rest: it waits, or it has exited. All others stand still (SIGSTOP).
So the order is the same in every run.
"""
import os
import re
import tempfile
import time

import mask
from programs import Program, command, free_port

OWN_NETWORK = bool(os.environ.get('NETWORK'))   # see lib.sh
DEADLINE = 30       # seconds for a program to come to rest


def in_languages(protocol, languages):
    """The command line of each program in its language; a single one is that of all."""
    left = list(languages)

    def argv(action, port):
        language = left[0] if len(left) == 1 else left.pop(0)
        return command(language, f'{protocol}-{action.name.split()[0]}', port)
    return argv


class Play:
    """Plays a scenario once. `argv` is a function that returns the command line of a program; its
    arguments are the action that starts it, and a port, or None for the program's own. If the play
    is free, there is no lock step."""

    def __init__(self, scenario, protocol, argv, free=False):
        self.scenario, self.protocol, self.argv, self.is_free = scenario, protocol, argv, free
        self.folder = tempfile.TemporaryDirectory()
        self.all, self.programs = [], {}    # in the order of their start; the last of each name
        self.ready = []                     # those that have got a packet
        self.packets = []                   # those that no step has yet
        self.ports = {}                     # without a network of its own: the port that is used
        self.wire = None
        if OWN_NETWORK:
            from wire import Wire, enter_new_network
            enter_new_network()
            self.wire = Wire(protocol)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for program in self.all:
            program.close()
        self.folder.cleanup()

    def play(self, actions=None):
        for action in actions or self.scenario.actions:
            getattr(self, action.verb)(action)
            runs = action.verb in ('start', 'type', 'leave', 'go_on')
            self.see_packets(action.name if runs else None)
            if action.verb != 'pause':
                self.did(action)
            if runs:
                self.turn(self.programs[action.name])
            self.take_turns()

    # ── What a recording does otherwise ─────────────────────────────────────────

    def program(self, name, argv):
        """Starts a program."""
        return Program(name, argv, self.folder.name)

    def did(self, action):
        """An action is done, or a question is asked."""

    def rests(self, program):
        """A program is at rest, perhaps in a call that it has begun."""

    def exited(self, program):
        """A program has exited."""

    # ── Actions ──────────────────────────────────────────────────────────────

    def ask(self, action):
        """A question for people."""

    def start(self, action):
        argv = self.argv(action, self.port_for(action.value))
        program = self.programs[action.name] = self.program(action.name, argv)
        self.all.append(program)

    def port_for(self, own):
        """In a network of its own, a program uses its own port; elsewhere one that is free."""
        if self.wire:
            self.wire.servers.update([int(own)] if own else [])
            return own
        return self.ports.setdefault(own, self.ports.get(own) or free_port())

    def type(self, action):
        self.programs[action.name].type(action.value)

    def leave(self, action):
        self.programs[action.name].type('')

    def hold(self, action):
        self.programs[action.name].is_held = True
        self.programs[action.name].stop()

    def go_on(self, action):
        self.programs[action.name].is_held = False

    def kill(self, action):
        program = self.programs[action.name]
        program.process.kill()
        program.process.wait()
        program.has_exited = True

    def pause(self, action):
        """All programs run, except those that are held."""
        running = [program for program in self.all if self.may_run(program)]
        if not running:
            return
        self.did(action)
        end = time.monotonic() + int(action.value)
        for program in running:
            program.go()
        while time.monotonic() < end:
            self.rest(running)
            time.sleep(0.05)
        self.stop(running)

    # ── Turns ────────────────────────────────────────────────────────────────

    @staticmethod
    def may_run(program):
        return not program.is_held and not program.has_exited

    def in_order(self, programs):
        """Servers first, then in the order of their start."""
        return sorted(programs, key=lambda one: (one.side == 'client', self.all.index(one)))

    def take_turns(self):
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

    def turn(self, program):
        """A program runs until it is at rest."""
        if not self.may_run(program):
            return
        self.ready = [one for one in self.ready if one is not program]
        program.go()
        self.rest([program])
        self.stop([program])

    def rest(self, running):
        """Waits until programs are at rest."""
        end, before = time.monotonic() + DEADLINE, None
        while True:
            now = [program.state() for program in running]
            if all(now) and now == before:  # twice the same
                break
            before = now
            if time.monotonic() > end:
                names = ', '.join(program.name for program in running)
                raise TimeoutError(f'not at rest after {DEADLINE} seconds: {names}')
            time.sleep(0.002)
        self.see_packets(running[0].name if len(running) == 1 else None)
        for program in running:
            self.rests(program)
            self.see_exit(program)

    def see_exit(self, program):
        if program.ended() and not program.has_exited:
            program.has_exited = True
            self.exited(program)

    def stop(self, running):
        for program in running if not self.is_free else ():
            program.stop()

    def see_packets(self, acting):
        """Keeps the new packets. Whoever gets one is to have a turn."""
        for packet in self.wire.new_packets(acting) if self.wire else ():
            self.packets.append(packet)
            name = packet['client'] if packet['from'] == 'server' else 'server'
            program = self.programs.get(name)
            if program and name != acting and program not in self.ready:
                self.ready.append(program)

    def take_packets(self, acting=None):
        self.see_packets(acting)
        packets, self.packets = self.packets, []
        return packets

    def public(self, text):
        """Shown are the ports that the programs have in their files."""
        for own, port in self.ports.items():
            text = re.sub(rf'\b{port}\b', str(own or mask.SERVER_PORT), text)
        return text

    def masked(self, text):
        return mask.ports(mask.times(self.public(text)), self.wire and self.wire.names)

    def facts(self):
        """How each program ended, its output, and the packets, each as lines by a name."""
        facts = {'ends': {}, 'output': {}, 'packets': {}}
        for program in self.all:
            name = program.name
            if name in facts['ends']:
                name += ' that started again'
            facts['output'][name] = self.masked(program.screen()).split('\n')
            facts['ends'][name] = [program.end()]
        if self.wire:
            facts['packets']['packet'] = list(map(self.describe, self.wire.packets))
        return facts

    @staticmethod
    def describe(packet):
        whose = packet['client'] if packet['from'] == 'client' else f"server to {packet['client']}"
        data = f" {packet['length']} {mask.times(packet['data'])!r}" if packet['data'] else ''
        return f"{whose}: {packet['flags']}{data}"
