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

from stage.model import Action, Packet, Problem, ScenarioError, side

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, SIOCSIFMTU, SIOCETHTOOL = 0x8914, 0x8922, 0x8946
IFF_UP = 1
ETHTOOL_STSO, ETHTOOL_SGSO = 0x1F, 0x24  # set segmentation offload
PLACES = f'{os.environ["PATH"]}:/usr/sbin:/sbin'  # of nft
SETTINGS = Path('/proc/sys/net/ipv4')


def is_own() -> bool:
    """Whether the door has given this process the right to make one."""
    return bool(os.environ.get('NETWORK'))


def not_seen():
    """Why packets are not seen, and the command that helps, if there is one."""
    command = os.environ.get('AS_ROOT')
    return Problem('not seen without root' if command else 'not seen', command=command)


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
    where they are seen. `servers` and `clients` say whose a port is."""

    def __init__(self, servers: dict[int, str], clients: dict[int, str]):
        self.servers, self.clients = servers, clients
        self.losing: Action | None = None  # the next packet to somebody is lost
        self.doubling: Action | None = None  # it arrives twice
        self.away: dict[str, str] = {}  # whose packets are all 'lost' or 'rejected'
        self.returned: dict[str, tuple[str, float]] = {}  # who was away, and until when
        # Where a packet was lost and did not arrive since.
        self.missing: set[tuple] = set()
        self.old: set[int] = set()  # ports of clients that have ended

    @property
    def pending(self) -> list[Action]:
        """What has not happened yet."""
        return [one for one in (self.losing, self.doubling) if one]

    def start(self, who: str) -> None:
        """A client starts, perhaps again: the kernel will give it another port."""
        if who in self.away:
            raise ScenarioError('starts away', who=who)
        if self.losing and self.losing.who == who:
            raise ScenarioError('no port', who=who, line=self.losing.line)
        self.old.update(port for port, name in self.clients.items() if name == who)

    def lose(self, action: Action) -> None:
        self.check(action)
        self.losing = action
        self.set_rules()

    def double(self, action: Action) -> None:
        self.check(action)
        self.doubling = action

    def check(self, action: Action) -> None:
        """Whether something may happen to the next packet to somebody."""
        if self.pending:
            raise ScenarioError('still pending', who=self.pending[0].who)
        self.ports(action.who, 'dport')

    def go_away(self, who: str, fate: str) -> None:
        self.away[who] = fate
        self.set_rules()

    def come_back(self, who: str) -> None:
        if any(ports[::-1] in self.missing for ports in self.missing):
            raise ScenarioError('both repeat')
        fate = self.away.pop(who)
        self.set_rules()
        self.returned[who] = fate, time.time()

    def fate(self, packet: Packet, at: float) -> str:
        """What happened to a packet that came at this time, in seconds since 1970."""
        fate = self.fate_of_away(packet, at)
        # An ICMP message always arrives.
        is_next = self.losing and self.losing.who == packet.receiver
        if fate == 'arrives' and is_next and packet.kind != 'ICMP':
            self.losing, fate = None, 'lost'
        if packet.data or 'FIN' in packet.flags:
            note = self.missing.discard if fate == 'arrives' else self.missing.add
            note(packet.ports)
        return fate

    def fate_of_away(self, packet: Packet, at: float) -> str:
        """The same, because its sender or its receiver is away, or was then."""
        if packet.kind == 'ICMP':
            return 'arrives'
        before = {who: fate for who, (fate, end) in self.returned.items() if at < end}
        away = {**before, **self.away}
        fate = away.get(packet.receiver, 'arrives')
        return 'lost' if away.get(packet.sender) == 'lost' else fate

    def is_doubled(self, packet: Packet) -> bool:
        """Whether a packet that is seen now, and arrives, is to arrive twice."""
        if not self.doubling or self.doubling.who != packet.receiver:
            return False
        if packet.fragment is not None:
            raise ScenarioError('several fragments', line=self.doubling.line)
        self.doubling = None
        return True

    # ── The rules ────────────────────────────────────────────────────────────────────

    def ports(self, who: str, direction: str) -> str:
        """Matches packets from or to somebody."""
        known = self.servers if side(who) == 'server' else self.clients
        found = [
            str(port)
            for port, name in known.items()
            if name == who and port not in self.old
        ]
        if not found:
            raise ScenarioError('no port', who=who)
        return f'th {direction} {{ {", ".join(found)} }}'

    def set_rules(self) -> None:
        early, late = [], []  # before fragments are put together; after that
        for who, fate in self.away.items():
            for direction in 'dport', 'sport':
                rule = self.ports(who, direction)
                if fate == 'lost':
                    early.append(f'{rule} drop')
                elif direction == 'dport':
                    late.append(f'{rule} reject with icmp type host-prohibited')
        if self.losing:  # one that gets so far
            first = 'numgen inc mod 4294967295 == 0'
            early.append(f'{self.ports(self.losing.who, "dport")} {first} drop')
        text = (
            'flush ruleset\n'
            + chain('early', 'prerouting priority -450', early)
            + chain('late', 'input priority 0', late)
        )
        nft = subprocess.run(
            [str(shutil.which('nft', path=PLACES)), '-f', '-'],
            input=text,
            encoding='utf-8',
            stderr=subprocess.PIPE,
        )
        if nft.returncode:
            error = nft.stderr.strip().splitlines()[0]
            raise ScenarioError('nftables fails', error=error)


def chain(name: str, hook: str, rules: list[str]) -> str:
    """A table of its own with one chain."""
    lines = [
        f'type filter hook {hook}',
        *(f'meta l4proto {{ tcp, udp }} {rule}' for rule in rules),
    ]
    return f'table ip {name} {{\nchain {name} {{\n' + '\n'.join(lines) + '\n}\n}\n'
