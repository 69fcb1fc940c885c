"""What watch.py does: it shows what changes in the kernel at a port, and the packets."""

from __future__ import annotations

import argparse
import shlex
import signal
import socket
import struct
import sys
import time
from collections import defaultdict
from contextlib import suppress
from dataclasses import replace
from typing import Dict, Iterator

from stage.kernel import Row, Sockets, rows
from stage.model import Packet, Socket
from stage.project import PROGRAMS, PROTOCOLS
from stage.ready import port_of
from stage.runner import port
from stage.words import LANGUAGES, Words, words

if sys.platform != 'win32':
    from stage.wire import ETH_P_IP, Streams, parse

INTERVAL = 0.02  # seconds
ETH_P_ALL = 3  # packets also where they leave
LEAVES_LOOPBACK = socket.AF_UNSPEC


class Live(Sockets):
    """The sockets of a server, and of those clients that are on this machine."""

    before: Dict[tuple, Socket] = {}

    def changes(self, say: Words) -> Iterator[str]:
        before, self.before = self.before, {}
        for table in self.protocol, f'{self.protocol}6':
            with suppress(FileNotFoundError):  # this kernel has no IPv6
                for row in rows(table):
                    if {row.port, row.peer_port} & {*self.servers}:
                        one = self.named(row, say)
                        self.before[one.key] = one
        return say.changes([*before.values()], [*self.before.values()])

    def named(self, row: Row, say: Words) -> Socket:
        one, (own, peer) = self.describe(row), row.ends
        if one.owner != 'server':
            return replace(one, owner=own)
        state = one.state
        if self.protocol == 'udp':
            state = say('watch', 'udp', count=row.unread)
        elif state in ('ESTABLISHED', 'CLOSE-WAIT') and row.inode == '0':
            state = say('watch', 'queued', state=state)
        return replace(one, state=state, peer=peer if row.peer_port else None)


def packets(sock: socket.socket, port: int) -> Iterator[Packet]:
    """Those from and to the port that have not been read yet."""
    with suppress(BlockingIOError):
        while True:
            raw, source = sock.recvfrom(65535, socket.MSG_DONTWAIT)
            # On 127.0.0.1 each packet is seen where it leaves, too.
            if source[1] != ETH_P_IP or source[2:4] == (socket.PACKET_OUTGOING, LOOPBACK):
                continue
            length = int.from_bytes(raw[2:4], 'big')  # Ethernet fills up short ones
            with suppress(IndexError, OSError, struct.error):  # another protocol
                packet = parse(raw[:length])
                if port in packet.ports:
                    yield named(packet, port)
