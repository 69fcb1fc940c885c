"""Each caption is true for the packets and sockets of its step, in each scenario."""

import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass

import pytest

from stage.model import Packet, Socket, Step, states
from stage.page.story import heads
from stage.project import SCRIPTS
from stage.scenario import load_all
from stage.words import words

PLAYS = [(one.name, protocol) for one in load_all() for protocol in one.protocols]


@dataclass
class Seen:
    """A step, the sockets before and after it, and all packets up to it."""

    step: Step
    before: list
    after: list
    packets: list

    def sent(self, flag=None):
        """The packets that a call of the program has sent in this step."""
        return [
            one
            for one in self.step.packets
            if (one.sender, one.by) == (self.step.who, 'program')
            and (not flag or flag in one.flags)
        ]

    def bytes_sent(self):
        return sum(len(one.data) for one in self.sent())

    def bytes_read(self):
        return self.count(self.before, 'unread') - self.count(self.after, 'unread')

    def count(self, sockets, what):
        return sum(getattr(one, what) for one in sockets if one.owner == self.step.who)

    def has(self, state):
        return any(
            (one.owner, one.state) == (self.step.who, state) for one in self.after
        )

    def has_arrived(self, flag):
        """Whether such a packet came to the program, now or before."""
        return any(
            flag in one.flags
            and one.receiver == self.step.who
            and one.fate == 'arrives'
            for one in self.packets
        )

    def nothing(self):
        """Whether no packet was sent, and no socket changed."""
        return not self.step.packets and self.before == self.after


# What a caption says, and when it is true; the numbers are those in the caption.
CLAIMS = {
    'imports and constants': lambda seen: seen.nothing(),
    'the condition is checked': lambda seen: seen.nothing(),
    'the loop ends': lambda seen: seen.nothing(),
    'print: a line of output': lambda seen: seen.nothing() and seen.step.output,
    'input returns a line of # characters': lambda seen, n: (
        len(eval(seen.step.assigned['data'])) == n
    ),
    'input returns an empty line': lambda seen: seen.step.assigned['data'] == "''",
    'input waits for the keyboard': lambda seen: seen.step.call == 'input',
    'socket: the kernel has made a socket': lambda seen: (
        not seen.step.packets and seen.has('new') != seen.has('UDP')
    ),
    'bind: the socket has port #': lambda seen, port: (
        not seen.step.packets
        and any(
            (one.owner, one.port) == (seen.step.who, port)
            and one.state in ('bound', 'UDP')
            for one in seen.after
        )
    ),
    'listen: from now on the kernel completes connections': lambda seen: (
        seen.has('LISTEN') and not seen.step.packets
    ),
    'connect returns: the two kernels have shaken hands': lambda seen: (
        seen.has('ESTABLISHED') and seen.has_arrived('SYN')
    ),
    'connect waits: the SYN gets no answer': lambda seen: (
        seen.has('SYN-SENT') and not seen.has_arrived('SYN')
    ),
    'accept returns a connection from the queue': lambda seen: (
        seen.count(seen.before, 'queued') - seen.count(seen.after, 'queued') == 1
    ),
    'accept waits for a connection': lambda seen: not seen.count(seen.after, 'queued'),
    'send returns: its kernel has taken # bytes': lambda seen, n: (
        seen.bytes_sent() == n
    ),
    'sendto returns: its kernel has sent # bytes': lambda seen, n: (
        seen.bytes_sent() == n
    ),
    'recv returns # bytes': lambda seen, n: seen.bytes_read() == n,
    'recv returns no bytes: the end of the stream': lambda seen: (
        seen.has_arrived('FIN') and not seen.bytes_read()
    ),
    'recv waits for data': lambda seen: not seen.sent(),
    'recvfrom returns a datagram of # bytes': lambda seen, n: seen.bytes_read() == n,
    'recvfrom returns the first # bytes of a datagram of #; the others are discarded': (
        lambda seen, n, whole: seen.bytes_read() == whole > n == 1024
    ),
    'recvfrom waits for a datagram': lambda seen: not seen.count(seen.after, 'unread'),
    'close: the program is done with the socket': lambda seen: not seen.sent(),
    'close: its kernel sends FIN': lambda seen: seen.sent('FIN'),
    'close: its kernel sends RST, because there are unread bytes': lambda seen: (
        seen.sent('RST') and seen.count(seen.before, 'unread')
    ),
    'the program exits': lambda seen: not seen.step.error,
    'the program exits with error #': lambda seen, n: f'rrno {n}' in seen.step.output,
    'the program exits with error \\w+': lambda seen: (
        seen.step.error in seen.step.output
    ),
    '\\w+ raises \\w+: .*': lambda seen: seen.step.message.split(':')[0],
    'the line raises \\w+: .*': lambda seen: not seen.step.packets,
}
# What happens to somebody is a line of the scenario.
EVENTS = {
    'killed',
    'held',
    'goes on',
    'passes',
    'interrupted',
    'will lose',
    'will double',
}
EVENTS |= {'cut off', 'rejected', 'back'}


def recorded(name, protocol):
    """The steps of a scenario, in Python alone."""
    command = ['unshare', '--net', '--map-root-user', sys.executable, SCRIPTS, 'play']
    played = subprocess.run(
        [*command, '--json', name, protocol],
        env={**os.environ, 'NETWORK': 'own', 'BIN': ''},
        stdout=subprocess.PIPE,
    )
    recording = json.loads(played.stdout)
    for step in recording['steps']:
        step['packets'] = [Packet(**one) for one in step['packets']]
        for packet in step['packets']:
            packet.data = packet.data.encode('utf-8', 'surrogateescape')
        if step['sockets'] is not None:
            step['sockets'] = [Socket(**one) for one in step['sockets']]
        yield Step(**step)


def holds(caption, seen):
    """Whether a caption is known and true."""
    for claim, check in CLAIMS.items():
        match = re.fullmatch(claim.replace('#', '(\\d+)'), caption)
        if match:
            return check(seen, *map(int, match.groups()))
    return False


@pytest.mark.parametrize('name, protocol', PLAYS)
def test_each_caption_is_true(name, protocol):
    before, packets, wrong = [], [], []
    steps = list(recorded(name, protocol))
    for number, (step, head, (_, after)) in enumerate(
        zip(steps, heads(steps), states(steps)), 1
    ):
        packets += step.packets
        seen = Seen(step, before, after, packets)
        caption = words().caption(step, bool(head))
        if step.event not in EVENTS and not holds(caption, seen):
            wrong.append(f'step {number}: {caption}')
        before = after
    assert wrong == []
