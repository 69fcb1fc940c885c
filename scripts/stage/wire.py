"""What crosses 127.0.0.1, in a network namespace of one's own (Linux)."""

from __future__ import annotations

import socket
import struct
import time
from contextlib import suppress
from typing import Dict, List, Optional, Tuple

from stage import kernel
from stage.model import Packet, Problem

ETH_P_IP = 0x0800  # bound to it, a socket sees packets only where they arrive
FLAGS = [('SYN', 2), ('FIN', 1), ('RST', 4), ('PSH', 8), ('ACK', 16)]
UNREACHABLE = {
    1: 'host unreachable',
    3: 'port unreachable',
}  # the codes of ICMP's type 3
PCAP_HEAD = struct.pack(
    '=IHHIIII', 0xA1B23C4D, 2, 4, 0, 0, 65535, 101
)  # nanoseconds; raw IP
DEADLINE = 30  # seconds
# A program's call sends these, and data. Otherwise a packet without data is the kernel's own.
BY_CALLS = ('SYN',), ('FIN', 'ACK')


def parse(raw: bytes) -> Packet:
    """A packet, of which it is not known yet who sends it. An ICMP message brings back the packet
    that it answers, so its ports are known."""
    body = raw[(raw[0] & 15) * 4 :]
    packet = Packet(0, '', '', (0, 0), 'UDP', (), None, None, body[8:], '')
    if raw[9] == socket.IPPROTO_ICMP:
        packet.ports = parse(body[8:]).ports[::-1]
        packet.kind, packet.data = 'ICMP', b''
        packet.flags = (UNREACHABLE.get(body[1], str(body[1])),)
        return packet
    packet.ports = struct.unpack('>HH', body[:4])
    if raw[9] == socket.IPPROTO_TCP:
        packet.kind, packet.data = 'TCP', body[(body[12] >> 4) * 4 :]
        packet.flags = tuple(name for name, bit in FLAGS if body[13] & bit)
        packet.seq, packet.ack = struct.unpack('>II', body[4:12])
    return packet


class Wire:
    """Sees every packet from now on. `servers` says which server has a port."""

    def __init__(self, protocol: str, servers: Dict[int, str]):
        self.servers = servers
        self.clients: Dict[int, str] = {}  # whose each client's port is
        self.sockets = kernel.Sockets(protocol, servers, self.clients)
        self.packets: List[
            Packet
        ] = []  # those that were seen so far, without repeated SYNs
        self.pcap: List[bytes] = []
        self.first: Dict[Tuple[int, int], int] = {}  # sequence number of each direction
        self.repeated: Dict[
            Tuple[int, int], List[Packet]
        ] = {}  # SYNs that have no answer yet
        self.reported = 0
        self.began = time.monotonic()
        self.seen = kernel.packets_crossed()
        self.sock = socket.socket(
            socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP)
        )
        self.sock.bind(('lo', ETH_P_IP))
        self.sock.setblocking(False)

    def new_packets(self, acting: Optional[str] = None) -> List[Packet]:
        """Those since the last time, when all have arrived and are acknowledged. A new port
        is that of the program that acts."""
        end = time.monotonic() + DEADLINE
        while True:
            settled = all(row.is_settled for row in kernel.rows('tcp'))
            crossed = kernel.packets_crossed()
            with suppress(BlockingIOError):
                while True:
                    self.keep(self.sock.recv(65535), acting)
            if settled and self.seen == crossed == kernel.packets_crossed():
                break
            if time.monotonic() > end:
                raise Problem('packets under way', seconds=DEADLINE)
            time.sleep(0.001)
        new, self.reported = self.packets[self.reported :], len(self.packets)
        return new

    def keep(self, raw: bytes, acting: Optional[str]) -> None:
        """A packet has arrived."""
        self.seen += 1
        stamp = divmod(time.time_ns(), 10**9)
        self.pcap.append(struct.pack('=4I', *stamp, *[len(raw)] * 2) + raw)
        packet = parse(raw)
        packet.at = round(time.monotonic() - self.began, 3)
        self.name(packet, acting)
        is_call = (
            packet.data
            or packet.sender == acting
            and (packet.kind == 'UDP' or packet.flags in BY_CALLS)
        )
        packet.by = 'program' if is_call else 'kernel'
        self.make_relative(packet)
        self.sockets.see(packet)
        self.packets += self.without_repeats(packet)

    def name(self, packet: Packet, acting: Optional[str]) -> None:
        """Says who sends a packet, and who gets it."""
        source, target = packet.ports
        if source in self.servers:
            client = self.clients.setdefault(target, acting or 'client')
            packet.sender, packet.receiver = self.servers[source], client
        else:
            packet.sender = self.clients.setdefault(source, acting or 'client')
            packet.receiver = self.servers.get(target, 'server')

    def without_repeats(self, packet: Packet) -> List[Packet]:
        """The packets that count now: a SYN that is sent again counts when it is answered."""
        if packet.flags == ('SYN',):
            if packet.ports in self.repeated:
                packet.by = 'kernel'
                self.repeated[packet.ports] = [packet]
                return []
            self.repeated[packet.ports] = []
        elif packet.flags == ('SYN', 'ACK'):
            before = self.repeated.get(packet.ports[::-1], [])
            self.repeated[packet.ports[::-1]] = []
            return [*before, packet]
        return [packet]

    def make_relative(self, packet: Packet) -> None:
        """Counts from the SYN of each direction."""
        if packet.seq is None or packet.ack is None:
            return
        if 'SYN' in packet.flags:
            self.first[packet.ports] = packet.seq
        packet.seq = (packet.seq - self.first.get(packet.ports, packet.seq)) % 2**32
        packet.ack = (packet.ack - self.first.get(packet.ports[::-1], 0)) % 2**32
        if 'ACK' not in packet.flags:
            packet.ack = None
