"""What watch.py does: it shows what changes in the kernel at a port, and the packets."""

from __future__ import annotations

import shlex
import signal
import socket
import struct
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace

from stage.kernel import Row, Sockets, end, rows
from stage.model import Packet, Socket
from stage.project import PROGRAMS, PROTOCOLS
from stage.ready import port_of
from stage.runner import port
from stage.words import Words, parser, words

if sys.platform != 'win32':
    from stage.wire import ETH_P_IP, Streams, arrived, parse, tap

INTERVAL = 0.02  # seconds
SO_RCVBUFFORCE = 33  # Python has no name for it
ETH_P_ALL = 3  # packets also where they leave


class Live(Sockets):
    """The sockets of a server, and of those clients that are on this machine."""

    before: dict[tuple, Socket] = {}

    def changes(self, say: Words) -> Iterator[str]:
        every = list(rows(self.protocol))
        with suppress(FileNotFoundError):  # this kernel has no IPv6
            every += rows(f'{self.protocol}6')
        ours = [one for one in every if {one.port, one.peer_port} & {*self.owners}]
        now = {one.key: one for one in (self.named(row, say) for row in ours)}
        before, self.before = self.before, now
        return say.changes([*before.values()], [*now.values()])

    def named(self, row: Row, say: Words) -> Socket:
        """A client is told by its address and port."""
        one, (own, peer) = self.describe(row), map(end, row.ends)
        if one.owner != 'server':
            return replace(one, owner=own)
        state = one.state
        if self.protocol == 'udp':
            state = say('watch', 'udp', count=row.unread)
        elif state in ('ESTABLISHED', 'CLOSE-WAIT') and row.inode == '0':
            state = say('watch', 'queued', state=state)
        return replace(one, state=state, peer=peer if row.peer_port else None)


def packets(sock: socket.socket, port: int) -> Iterator[Packet]:
    """Those from or to the port that have not been read yet."""
    server = {port: 'server'}
    for raw, (seconds, nanoseconds), (name, kind, way, *_) in arrived(sock):
        leaves = (name, way) == ('lo', socket.PACKET_OUTGOING)  # and will arrive
        with suppress(IndexError, OSError, struct.error):  # of other protocols
            packet = parse(raw[: int.from_bytes(raw[2:4], 'big')])  # without padding
            packet.at = seconds + nanoseconds / 1e9
            ends = zip((packet.sender, packet.receiver), packet.ports)
            names = [server.get(port, f'{host}:{port}') for host, port in ends]
            packet.sender, packet.receiver = names
            if kind == ETH_P_IP and not leaves and port in packet.ports:
                yield packet


def show(text: str) -> None:
    """A line with the time. What cannot be printed might be a command to the terminal."""
    safe = (one if one.isprintable() else repr(one)[1:-1] for one in text)
    print(time.strftime('%H:%M:%S'), ''.join(safe), flush=True)


def watch(port: int, say: Words) -> None:
    """Shows what changes, for ever."""
    tables = [Live(protocol, {port: 'server'}) for protocol in PROTOCOLS]
    streams: dict[str, Streams] = defaultdict(Streams)  # with each client
    sock = None
    try:
        sock = tap(ETH_P_ALL)
        with suppress(PermissionError):  # in a container
            sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 2**24)  # for all traffic
    except PermissionError:
        command = shlex.join(['sudo', sys.executable, *sys.argv])
        print(say('watch', 'no root', command=command), flush=True)
    while True:
        for packet in packets(sock, port) if sock else ():
            streams[packet.client].see_again(packet)
            streams[packet.client].make_relative(packet)
            tables[-1].see(packet)
            show(say.packet(packet))
        for table in tables:
            for text in table.changes(say):
                show(text)
        time.sleep(INTERVAL)


def main(description: str) -> None:
    options, say = parser(description), words()
    options.add_argument('PORT', type=port, nargs='?', help=say('options', 'watched'))
    at = options.parse_args().PORT or port_of(PROGRAMS['tcp-server'][0])
    if sys.platform != 'linux':
        sys.exit(say('watch', 'other system', port=at))
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # if nobody reads on (`| head`)
    print(say('watch', 'begins', port=at), flush=True)
    watch(at, say)
