"""A network namespace of one's own (Linux): only 127.0.0.1 is there, and all ports are free. What may
happen to packets in it."""

from __future__ import annotations

import ctypes
import fcntl
import os
import shutil
import socket
import struct
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from stage.model import Action, Packet, Problem, ScenarioError

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFMTU, SIOCETHTOOL = 0x8914, 0x8922, 0x8946
IFF_UP = 1
ETHTOOL_STSO, ETHTOOL_SGSO = 0x1F, 0x24  # set segmentation offload
PLACES = f'{os.environ["PATH"]}:/usr/sbin:/sbin'  # of nft
SETTINGS = Path('/proc/sys/net/ipv4')
# Each table has one chain.
RULES = """
flush ruleset
table ip early {{
chain early {{
type filter hook prerouting priority -450
{}
}}
}}
table ip late {{
chain late {{
type filter hook input priority 0
{}
}}
}}
"""


def is_own() -> bool:
    """Whether the door has given this process the right to make one."""
    return bool(os.environ.get('NETWORK'))


def not_seen(key: str = 'not seen') -> Problem:
    """Why packets are not seen, and the command that helps, if there is one."""
    command = os.environ.get('AS_ROOT')
    return Problem(f'{key} without root' if command else key, command=command)


def check() -> None:
    """Whether something may happen to packets here."""
    if not is_own():
        raise ScenarioError('needs a namespace')
    if not shutil.which('nft', path=PLACES):
        raise ScenarioError('no nftables')


def enter(mtu: int | None = None) -> None:
    """From now on this process, and those that it starts, see only a new 127.0.0.1."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        raise Problem('no namespace')
    with socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))
        if mtu:
            set_mtu(sock, mtu)
    # A packet that comes back with a source of this machine, a copy, would be dropped as a martian.
    for name in 'route_localnet', 'accept_local':
        (SETTINGS / 'conf/all' / name).write_text('1')
    # A SYN without an answer is sent again after 1, 3, 7 … s. Since Linux 6.5 it is by default
    # after 1, 2, 3, 4, 5 s first, which leaves no time for what happens in between.
    with suppress(OSError):
        (SETTINGS / 'tcp_syn_linear_timeouts').write_text('0')


def set_mtu(sock: socket.socket, mtu: int) -> None:
    """Packets have at most so many bytes, also where they are seen: without segmentation offload, in
    which a network card cuts what the kernel sends."""
    fcntl.ioctl(sock, SIOCSIFMTU, struct.pack('16si12x', b'lo', mtu))
    for command in ETHTOOL_STSO, ETHTOOL_SGSO:
        value = ctypes.create_string_buffer(struct.pack('II', command, 0))
        ioctl = struct.pack('16sP', b'lo', ctypes.addressof(value)).ljust(40, b'\0')
        fcntl.ioctl(sock, SIOCETHTOOL, ioctl)


class Faults:
    """What happens to packets: nftables drops or rejects them where they arrive, behind the place
    where they are seen. `owners` says whose a port is. The methods in the first part are lines of a
    scenario."""

    def __init__(self, owners: dict[int, str]):
        self.owners = owners
        # The line, if any, by which the next packet to somebody is to be lost, or to arrive twice.
        self.pending: list[Action] = []
        self.away: dict[str, str] = {}  # whose packets are all 'lost' or 'rejected'
        self.returned: dict[str, tuple[str, float]] = {}  # who was away, and until when
        # Where a packet was lost and did not arrive since.
        self.missing: set[tuple] = set()
        self.old: set[int] = set()  # ports of clients that have ended

    def lose(self, action: Action) -> None:
        if self.pending:
            raise ScenarioError('still pending', who=self.pending[0].who)
        self.ports(action.who)  # an error if there are none
        self.pending = [action]
        self.set_rules()

    double = lose

    def cut_off(self, action: Action, fate: str = 'lost') -> None:
        self.away[action.who] = fate
        self.set_rules()

    def reject(self, action: Action) -> None:
        self.cut_off(action, 'rejected')

    def come_back(self, action: Action) -> None:
        if any(ports[::-1] in self.missing for ports in self.missing):
            raise ScenarioError('both repeat')
        fate = self.away.pop(action.who)
        self.set_rules()
        self.returned[action.who] = fate, time.time()

    # ── What happens to whom ─────────────────────────────────────────────────────────

    def start(self, who: str) -> None:
        """A client starts, perhaps again: the kernel will give it another port."""
        if who in self.away:
            raise ScenarioError('starts away', who=who)
        for one in self.pending:
            if (one.verb, one.who) == ('lose', who):
                raise ScenarioError('no port', who=who, line=one.line)
        self.old.update(port for port, name in self.owners.items() if name == who)

    def fate(self, packet: Packet, at: float) -> str:
        """What happened to a packet that came at this time, in seconds since 1970. An ICMP message
        always arrives."""
        if packet.kind == 'ICMP':
            return 'arrives'
        fate = self.fate_of_away(packet, at)
        if fate == 'arrives' and self.is_next('lose', packet):
            fate = 'lost'
        if packet.data or 'FIN' in packet.flags:
            note = self.missing.discard if fate == 'arrives' else self.missing.add
            note(packet.ports)
        return fate

    def fate_of_away(self, packet: Packet, at: float) -> str:
        """The same, because its sender or its receiver is away, or was then."""
        away = {who: fate for who, (fate, end) in self.returned.items() if at < end}
        away.update(self.away)
        if away.get(packet.sender) == 'lost':
            return 'lost'
        return away.get(packet.receiver, 'arrives')

    def is_next(self, verb: str, packet: Packet) -> bool:
        """Whether a packet is the one to which this is to happen."""
        for one in self.pending:
            if (one.verb, one.who) == (verb, packet.receiver):
                if verb == 'double' and packet.fragment is not None:
                    raise ScenarioError('several fragments', line=one.line)
                self.pending = []
                return True
        return False

    # ── The rules ────────────────────────────────────────────────────────────────────

    def ports(self, who: str) -> str:
        """Somebody's ports, as nftables reads them."""
        known = {port for port, name in self.owners.items() if name == who} - self.old
        if not known:
            raise ScenarioError('no port', who=who)
        return f'{{ {", ".join(map(str, known))} }}'

    def set_rules(self) -> None:
        early, late = [], []  # before fragments are put together; after that
        for who, fate in self.away.items():
            ports = self.ports(who)
            if fate == 'lost':
                early += [f'th dport {ports} drop', f'th sport {ports} drop']
            else:
                late += [f'th dport {ports} reject with icmp type host-prohibited']
        for one in self.pending:
            if one.verb == 'lose':  # a packet that gets so far
                ports = self.ports(one.who)
                early.append(f'th dport {ports} numgen inc mod 4294967295 == 0 drop')
        nft = subprocess.run(
            [str(shutil.which('nft', path=PLACES)), '-f', '-'],
            input=RULES.format(chain(early), chain(late)),
            encoding='utf-8',
            stderr=subprocess.PIPE,
        )
        if nft.returncode:
            error = nft.stderr.strip().splitlines()[0]
            raise ScenarioError('nftables fails', error=error)


def chain(rules: list[str]) -> str:
    return '\n'.join(f'meta l4proto {{ tcp, udp }} {rule}' for rule in rules)
