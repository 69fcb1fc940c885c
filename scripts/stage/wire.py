"""What crosses 127.0.0.1, in a network namespace of one's own (Linux)."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from stage import kernel
from stage.model import Packet, Problem
from stage.network import Faults

ETH_P_IP = 0x0800  # bound to it, a socket sees packets only where they arrive
SO_TIMESTAMPNS = 35  # Python has no name for it
MORE_FRAGMENTS, FRAGMENT_OFFSET = 0x2000, 0x1FFF
FLAGS = [('SYN', 2), ('FIN', 1), ('RST', 4), ('PSH', 8), ('ACK', 16)]
# The codes of ICMP's type 3.
UNREACHABLE = {1: 'host unreachable', 3: 'port unreachable', 10: 'host prohibited'}
PCAP_HEAD = struct.pack('=IHHIIII', 0xA1B23C4D, 2, 4, 0, 0, 65535, 101)  # ns; raw IP
DEADLINE = 30  # seconds
# A program's call sends these, and data. Otherwise a packet is the kernel's own. A RST is sent by
# close if there are unread bytes.
ANSWERS = ('SYN', 'ACK'), ('RST', 'ACK')  # to a SYN
BY_CALLS = ('SYN',), ('FIN', 'ACK'), ('RST', 'ACK')


def tap(kind: int) -> socket.socket:
    """Sees the packets of a kind, on all interfaces."""
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(kind))
    sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    sock.setblocking(False)
    return sock


def arrived(sock: socket.socket) -> Iterator[tuple[bytes, tuple[int, int], tuple]]:
    """The packets that have not been read yet, each with its time in seconds and nanoseconds, and
    with where it was seen."""
    with suppress(BlockingIOError):
        while True:
            raw, notes, _, where = sock.recvmsg(65535, socket.CMSG_SPACE(16))
            seconds, nanoseconds = struct.unpack('=qq', notes[0][2])
            yield raw, (seconds, nanoseconds), where


def parse(raw: bytes) -> Packet:
    """A packet; its sender and its receiver are addresses. An ICMP message brings back the packet
    that it answers, and gets its addresses and ports; a later fragment has no ports."""
    body = raw[(raw[0] & 15) * 4 :]
    sender, receiver = map(socket.inet_ntoa, (raw[12:16], raw[16:20]))
    packet = Packet(0, sender, receiver, (0, 0), 'UDP', (), None, None, body[8:], '')
    if raw[9] == socket.IPPROTO_ICMP:
        answered = parse(body[8:])
        packet.ports = answered.ports[::-1]
        packet.sender, packet.receiver = answered.receiver, answered.sender
        packet.kind, packet.data = 'ICMP', b''
        packet.flags = (UNREACHABLE.get(body[1], str(body[1])),)
        return packet
    bits = int.from_bytes(raw[6:8], 'big')
    offset = (bits & FRAGMENT_OFFSET) * 8
    if offset or bits & MORE_FRAGMENTS:
        packet.fragment = max(offset - 8, 0)  # without the header of UDP
    if offset:
        packet.data = body
        return packet
    packet.ports = struct.unpack('>HH', body[:4])
    if raw[9] == socket.IPPROTO_TCP:
        packet.kind, packet.data = 'TCP', body[(body[12] >> 4) * 4 :]
        packet.flags = tuple(name for name, bit in FLAGS if body[13] & bit)
        packet.seq, packet.ack = struct.unpack('>II', body[4:12])
    return packet


def with_checksum(raw: bytes) -> bytes:
    """A packet on 127.0.0.1 has no complete checksum, and a copy needs one."""
    head = (raw[0] & 15) * 4
    body = bytearray(raw[head:])
    at = 16 if raw[9] == socket.IPPROTO_TCP else 6
    body[at : at + 2] = bytes(2)
    pseudo = raw[12:20] + bytes([0, raw[9]]) + struct.pack('>H', len(body)) + body
    pseudo += bytes(len(pseudo) % 2)
    total = sum(struct.unpack(f'>{len(pseudo) // 2}H', pseudo))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    body[at : at + 2] = struct.pack('>H', ~total & 0xFFFF or 0xFFFF)
    return raw[:head] + bytes(body)


@dataclass
class Sending:
    """Of a packet that may be sent again: when it was sent last, how often, and how often lost."""

    at: float
    times: int
    lost: int


class Streams:
    """What is known of each direction of TCP, by its ports."""

    def __init__(self) -> None:
        self.first: dict[tuple[int, int], int] = {}  # its first sequence number
        self.sent: dict[tuple, Sending] = {}  # what may be sent again

    def make_relative(self, packet: Packet) -> None:
        """Counts from the SYN of each direction, or from the first packet that was seen."""
        if packet.seq is None or packet.ack is None:
            return
        if 'SYN' in packet.flags:
            self.first[packet.ports] = packet.seq
        first = self.first.setdefault(packet.ports, packet.seq)
        packet.seq = (packet.seq - first) % 2**32
        first = self.first.setdefault(packet.ports[::-1], packet.ack)
        packet.ack = (packet.ack - first) % 2**32
        if 'ACK' not in packet.flags:
            packet.ack = None

    def see_again(self, packet: Packet) -> None:
        """Notes when a packet is sent that may be sent again, and whether it was sent before."""
        if packet.seq is None or not (packet.data or {'SYN', 'FIN'} & {*packet.flags}):
            return
        key = *packet.ports, packet.seq
        last = self.sent.get(key)
        lost = int(packet.fate != 'arrives')
        if last:
            packet.again, packet.by = True, 'kernel'
            if last.times == 1:
                seconds = packet.at - last.at
                # A kernel's timer for a second or more is not exact.
                packet.waited = round(seconds, 1 if seconds < 1 else None)
            lost += last.lost
        self.sent[key] = Sending(packet.at, last.times + 1 if last else 1, lost)


class Wire(Streams):
    """Sees every packet from now on. `servers` says which server has a port."""

    def __init__(self, protocol: str, servers: dict[int, str]):
        super().__init__()
        self.servers = servers
        self.clients: dict[int, str] = {}  # whose each client's port is
        self.sockets = kernel.Sockets(protocol, servers, self.clients)
        self.faults = Faults(servers, self.clients)
        self.packets: list[Packet] = []  # those that count
        self.pcap: list[bytes] = []  # all
        self.unanswered: dict[tuple, Packet] = {}  # the last SYN of each connection
        self.hushed: set[tuple] = set()  # where rejections are no longer shown
        self.datagrams: dict[bytes, Packet] = {}  # the first fragment of each
        self.to_copy = b''  # a packet that is to arrive once more
        self.copy = b''  # that is to be seen
        self.reported = 0
        self.began = time.time()
        self.seen = kernel.packets_crossed()
        self.sock = tap(ETH_P_IP)
        self.sock.bind(('lo', ETH_P_IP))

    def new_packets(self, acting: str | None = None) -> list[Packet]:
        """Those since the last time, when all have arrived and are acknowledged. A new port
        is that of the program that acts."""
        end = time.monotonic() + DEADLINE
        while True:
            settled = all(map(self.is_settled, kernel.rows('tcp')))
            crossed = kernel.packets_crossed()
            for raw, stamp, _ in arrived(self.sock):
                self.keep(raw, stamp, acting)
            if settled and self.seen == crossed == kernel.packets_crossed():
                if not self.to_copy:
                    break
                self.send_copy()
            if time.monotonic() > end:
                raise Problem('packets under way', seconds=DEADLINE)
            time.sleep(0.001)
        new, self.reported = self.packets[self.reported :], len(self.packets)
        return new

    def is_settled(self, row: kernel.Row) -> bool:
        """Whether nothing of it is under way, except what cannot arrive. A SYN that was lost is
        waited for until it is answered."""
        fates = self.fates(row)
        is_syn = row.state == 'SYN-SENT'
        if 'lost' in fates:
            # From the first time-out on, its kernel sends nothing else before an answer.
            return is_syn or not row.unacked or row.again > 0
        sent = self.sent.get((row.port, row.peer_port, 0))
        if is_syn and sent and sent.lost:
            return False
        return row.is_settled or 'rejected' in fates and not is_syn

    def fates(self, row: kernel.Row) -> set[str]:
        """What happens to its packets, because somebody is away."""
        return {
            fate
            for who, fate in self.faults.away.items()
            for known in (self.servers, self.clients)
            if who in (known.get(row.port), known.get(row.peer_port))
        }

    def keep(self, raw: bytes, stamp: tuple[int, int], acting: str | None) -> None:
        """A packet has arrived, at this time in seconds and nanoseconds."""
        self.seen += 1
        self.pcap.append(struct.pack('=4I', *stamp, *[len(raw)] * 2) + raw)
        packet = parse(raw)
        packet.at = stamp[0] + stamp[1] / 1e9 - self.began
        if packet.fragment == 0:
            self.datagrams[raw[4:6]] = packet
        elif packet.fragment:
            packet.ports = self.datagrams[raw[4:6]].ports
        self.name(packet, acting)
        is_call = (
            packet.data
            or packet.sender == acting
            and (packet.kind == 'UDP' or packet.flags in BY_CALLS)
        )
        packet.by = 'program' if is_call else 'kernel'
        self.make_relative(packet)
        self.happens(raw, packet)
        self.packets += self.counting(packet)

    def happens(self, raw: bytes, packet: Packet) -> None:
        """What the network does with a packet. Without its first fragment, a later one is useless."""
        if raw == self.copy:
            packet.by, packet.fate, self.copy = 'network', 'copy', b''
        elif packet.fragment:
            first = self.datagrams[raw[4:6]].fate
            packet.fate = 'incomplete' if first == 'lost' else first
        else:
            packet.fate = self.faults.fate(packet, self.began + packet.at)
            if packet.fate == 'arrives' and self.faults.is_doubled(packet):
                self.to_copy = raw
        if packet.fate in ('arrives', 'copy'):
            self.sockets.see(packet)

    def send_copy(self) -> None:
        """The kernel has done with the original."""
        self.copy, self.to_copy = with_checksum(self.to_copy), b''
        self.sock.sendto(self.copy, ('lo', ETH_P_IP, 0, 0, bytes(6)))

    def name(self, packet: Packet, acting: str | None) -> None:
        """Says who sends a packet, and who gets it."""
        source, target = packet.ports
        if source in self.servers:
            client = self.clients.setdefault(target, acting or 'client')
            packet.sender, packet.receiver = self.servers[source], client
        else:
            packet.sender = self.clients.setdefault(source, acting or 'client')
            packet.receiver = self.servers.get(target, 'server')

    # ── Packets that are sent again ──────────────────────────────────────────────────

    def counting(self, packet: Packet) -> list[Packet]:
        """The packets that count now. A SYN that is sent again counts when it is answered."""
        if self.depends_on_time(packet):
            return []
        if packet.flags == ('SYN',) and packet.fate != 'rejected':
            self.unanswered[packet.ports] = packet
            return [] if packet.again else [packet]
        if packet.flags in ANSWERS:
            syn = self.unanswered.pop(packet.ports[::-1], packet)
            return [*([syn] * (syn.again and syn is not packet)), packet]
        return [packet]

    def depends_on_time(self, packet: Packet) -> bool:
        """Whether it is lost again: then only the first counts, and the one that arrives. How often
        it is lost depends on time."""
        if packet.kind == 'ICMP':
            return packet.ports[::-1] in self.hushed
        if packet.kind != 'TCP' or packet.fate == 'copy':
            return False
        self.see_again(packet)
        if packet.again and packet.fate == 'rejected' and 'SYN' not in packet.flags:
            self.hushed.add(packet.ports)
            return True
        return packet.again and packet.fate == 'lost'
