"""What the kernels keep: the sockets in /proc (Linux)."""

from __future__ import annotations

import os
import re
import socket
from array import array
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from stage.model import Packet, Socket, side

# In the order of Linux's numbers, which begin with 1.
STATES = (
    'ESTABLISHED SYN-SENT SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED CLOSE-WAIT LAST-ACK '
    'LISTEN CLOSING'
).split()
FIN_RECEIVED = 'CLOSE-WAIT', 'LAST-ACK', 'CLOSING'
SETTLED = 'ESTABLISHED', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT', 'LISTEN'


@dataclass(frozen=True)
class Row:
    """A row of /proc/net/tcp, /proc/net/udp, or of tcp6 and udp6."""

    state: str
    inode: str  # '0': it waits for accept, or no program has it any more
    ends: tuple[str, str]  # its own address and port, and those of its peer: see `end`
    port: int
    peer_port: int  # 0: none
    unacked: int  # bytes that were sent and are not acknowledged
    unread: int  # bytes; connections of a listening socket; for UDP, memory
    again: int  # how many times a packet was sent again

    @property
    def rests(self) -> bool:
        """Nothing of it is under way."""
        return self.state in SETTLED and not self.unacked


def rows(protocol: str) -> Iterator[Row]:
    """Each socket of this network namespace."""
    with open(f'/proc/net/{protocol}', encoding='ascii') as table:
        for line in list(table)[1:]:
            _, own, peer, state, queues, _, again, _, _, inode, *_ = line.split()
            unacked, unread = queues.split(':')
            yield Row(
                state=STATES[int(state, 16) - 1],
                inode=inode,
                ends=(own, peer),
                port=int(own[-4:], 16),
                peer_port=int(peer[-4:], 16),
                unacked=int(unacked, 16),
                unread=int(unread, 16),
                again=int(again, 16),
            )


def end(text: str) -> str:
    """An address and a port, which the kernel writes as numbers in base 16. IPv4 in IPv6 is IPv4."""
    address, port = text.split(':')
    packed = array('I', [int(one, 16) for one in re.findall('.{8}', address)])
    family = socket.AF_INET6 if len(packed) > 1 else socket.AF_INET
    known = socket.inet_ntop(family, packed).replace('::ffff:', '')
    return f'{known}:{int(port, 16)}'


def inodes(pid: int) -> set[str]:
    """The sockets that a process has, also those that the tables leave out: TCP's before listen or
    connect."""
    found: set[str] = set()
    with suppress(OSError):  # it has just exited
        for link in Path(f'/proc/{pid}/fd').iterdir():
            found.update(re.findall(r'socket:\[(\d+)\]', os.readlink(link)))
    return found


def packets_crossed() -> int:
    """How many packets have crossed 127.0.0.1."""
    table = Path('/proc/net/dev').read_text('ascii')
    return int(re.findall(r'lo: *\d+ +(\d+)', table)[0])


@dataclass
class Datagram:
    length: int
    memory: int = 0  # that the kernel needs for it; 0: not known yet


class Sockets:
    """The sockets of both kernels. `owners` says whose a port is."""

    def __init__(self, protocol: str, owners: dict[int, str]):
        self.protocol, self.owners = protocol, owners
        # Unread ones, by port.
        self.datagrams: dict[int, list[Datagram]] = defaultdict(list)

    def see(self, packet: Packet) -> None:
        """A datagram has arrived, or a part of it."""
        waiting = self.datagrams[packet.ports[1]]
        if packet.kind == 'UDP' and packet.fragment and waiting:
            waiting[-1].length += len(packet.data)
        elif packet.kind == 'UDP':
            waiting.append(Datagram(len(packet.data)))

    def now(self) -> list[Socket]:
        """The sockets in the table: first the servers', and of these the one that listens."""
        order = [None, *self.owners.values()]

        def place(one: Socket):
            is_client = side(one.owner) == 'client'
            client = one.owner if is_client else one.peer
            return is_client, one.state != 'LISTEN', order.index(client)

        return sorted(map(self.describe, rows(self.protocol)), key=place)

    def describe(self, row: Row) -> Socket:
        owner = self.owners.get(row.port, 'client')
        peer = self.owners.get(row.peer_port) if side(owner) == 'server' else None
        state, queued, unread = row.state, 0, row.unread
        if self.protocol == 'udp':
            state, unread = 'UDP', self.unread(row)
        elif state == 'LISTEN':
            queued, unread = unread, 0
        elif state in FIN_RECEIVED and unread:
            unread -= 1  # the FIN counts as one
        ports = row.port, row.peer_port or None
        return Socket(owner, peer, *ports, state, queued, unread)

    def unread(self, row: Row) -> int:
        """How many bytes of datagrams nobody has received yet. The kernel shows only how much
        memory they take, so each is kept with its memory."""
        waiting = self.datagrams[row.port]
        if not row.unread:
            waiting.clear()
        new = [datagram for datagram in waiting if not datagram.memory]
        known = sum(datagram.memory for datagram in waiting)
        for datagram in new:
            datagram.memory = (row.unread - known) // len(new)
        while sum(datagram.memory for datagram in waiting) > row.unread:
            waiting.pop(0)
        return sum(datagram.length for datagram in waiting)
