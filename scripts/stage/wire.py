"""What crosses 127.0.0.1, in a network namespace of one's own (Linux)."""

from __future__ import annotations

import socket
import struct
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress

from stage import kernel
from stage.model import Packet, Problem, side
from stage.network import Faults

ETH_P_IP = 0x0800  # bound to it, a socket sees packets only where they arrive
SOL_PACKET, PACKET_VNET_HDR, NEEDS_CHECKSUM, ETHERNET = 263, 15, 1, 14
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
    first, bits, protocol, *addresses = struct.unpack('>B5xHxB2x4s4s', raw[:20])
    body = raw[(first & 15) * 4 :]
    sender, receiver = map(socket.inet_ntoa, addresses)
    packet = Packet(0, sender, receiver, (0, 0), 'UDP', (), None, None, body[8:], '')
    if protocol == socket.IPPROTO_ICMP:
        answered = parse(body[8:])
        packet.ports = answered.ports[::-1]
        packet.sender, packet.receiver = answered.receiver, answered.sender
        packet.kind, packet.data = 'ICMP', b''
        packet.flags = (UNREACHABLE.get(body[1], str(body[1])),)
        return packet
    offset = (bits & FRAGMENT_OFFSET) * 8
    if offset or bits & MORE_FRAGMENTS:
        packet.fragment = max(offset - 8, 0)  # without the header of UDP
    if offset:
        packet.data = body
        return packet
    packet.ports = struct.unpack('>HH', body[:4])
    if protocol == socket.IPPROTO_TCP:
        packet.kind = 'TCP'
        packet.seq, packet.ack, begin, flags = struct.unpack('>IIBB', body[4:14])
        packet.flags = tuple(name for name, bit in FLAGS if flags & bit)
        packet.data = body[(begin >> 4) * 4 :]
    return packet


def send_again(raw: bytes) -> None:
    """A packet on 127.0.0.1 has no complete checksum. The copy needs none either: what stands in front
    of its Ethernet header says where the checksum is, as if a network card would complete it."""
    begin = ETHERNET + (raw[0] & 15) * 4
    place = 16 if raw[9] == socket.IPPROTO_TCP else 6
    card = struct.pack('=BBHHHH', NEEDS_CHECKSUM, 0, 0, 0, begin, place)
    ethernet = struct.pack('>12xH', ETH_P_IP)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as sock:
        sock.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
        sock.sendto(card + ethernet + raw, ('lo', ETH_P_IP))


class Streams:
    """What is known of each direction of TCP, by its ports."""

    def __init__(self) -> None:
        self.first: dict[tuple[int, int], int] = {}  # its first sequence number
        # Of what may be sent again, by ports and number: when it was sent, and its fate.
        self.sent: dict[tuple, list[tuple[float, str]]] = defaultdict(list)

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
        before = self.sent[(*packet.ports, packet.seq)]
        if before:
            packet.again, packet.by = True, 'kernel'
        if len(before) == 1:
            seconds = packet.at - before[0][0]
            # A kernel's timer for a second or more is not exact.
            packet.waited = round(seconds, 1 if seconds < 1 else None)
        before.append((packet.at, packet.fate))


class Wire(Streams):
    """Sees every packet from now on. `owners` says whose a port is; a new client is added."""

    def __init__(self, protocol: str, owners: dict[int, str]):
        super().__init__()
        self.owners = owners
        self.sockets = kernel.Sockets(protocol, owners)
        self.faults = Faults(owners)
        self.packets: list[Packet] = []  # those that count
        self.pcap: list[bytes] = []  # all
        self.unanswered: dict[tuple, Packet] = {}  # the last SYN of each connection
        self.hushed: set[tuple] = set()  # where rejections are no longer shown
        self.datagrams: dict[bytes, Packet] = {}  # the first fragment of each
        self.to_copy = b''  # a packet that is to arrive once more
        self.copy = b''  # that is to be seen
        self.began = time.time()
        self.seen = kernel.packets_crossed()
        self.sock = tap(ETH_P_IP)
        self.sock.bind(('lo', ETH_P_IP))

    def new_packets(self, acting: str | None) -> list[Packet]:
        """Those since the last time, when all have arrived and are acknowledged. A new port
        is that of the program that acts."""
        known, end = len(self.packets), time.monotonic() + DEADLINE
        while time.monotonic() < end:
            settled = all(map(self.is_settled, kernel.rows('tcp')))
            crossed = kernel.packets_crossed()
            for raw, stamp, _ in arrived(self.sock):
                self.keep(raw, stamp, acting)
            if settled and self.seen == crossed == kernel.packets_crossed():
                if not self.to_copy:
                    return self.packets[known:]
                # The kernel has done with the original.
                self.copy, self.to_copy = self.to_copy, b''
                send_again(self.copy)
            time.sleep(0.001)
        raise Problem('packets under way', seconds=DEADLINE)

    def is_settled(self, row: kernel.Row) -> bool:
        """Whether nothing of it is under way, except what cannot arrive. A SYN that was lost is
        waited for until it is answered. A client that gets no answer counts when its kernel has sent
        the SYN three times: then nothing happens for four seconds."""
        ends = self.owners.get(row.port), self.owners.get(row.peer_port)
        fates = {fate for who, fate in self.faults.away.items() if who in ends}
        if row.state == 'SYN-SENT':
            syns = self.sent[row.port, row.peer_port, 0]
            arrive = all(fate == 'arrives' for _, fate in syns)
            return 'lost' in fates or arrive and row.again >= 2
        if 'lost' in fates:
            # From the first time-out on, its kernel sends nothing else before an answer.
            return not row.unacked or row.again > 0
        return 'rejected' in fates or row.rests

    def keep(self, raw: bytes, stamp: tuple[int, int], acting: str | None) -> None:
        """A packet has arrived, at this time in seconds and nanoseconds."""
        self.seen += 1
        self.pcap.append(struct.pack('=4I', *stamp, len(raw), len(raw)) + raw)
        packet = parse(raw)
        packet.at = stamp[0] + stamp[1] / 1e9 - self.began
        first = self.datagrams[raw[4:6]] if packet.fragment else None
        if first:
            packet.ports = first.ports
        elif packet.fragment == 0:
            self.datagrams[raw[4:6]] = packet
        self.name(packet, acting)
        begins = packet.kind == 'UDP' or packet.flags in BY_CALLS
        is_call = packet.data or packet.sender == acting and begins
        packet.by = 'program' if is_call else 'kernel'
        self.make_relative(packet)
        packet.fate = self.fate(raw, packet, first)
        if packet.fate in ('arrives', 'copy'):
            self.sockets.see(packet)
        self.packets += self.counting(packet)

    def name(self, packet: Packet, acting: str | None) -> None:
        """Says who sends a packet, and who gets it."""
        source, target = packet.ports
        if side(self.owners.get(source, '')) == 'server':
            packet.receiver = self.owners.setdefault(target, acting or 'client')
            packet.sender = self.owners[source]
        else:
            packet.receiver = self.owners.get(target, 'server')
            packet.sender = self.owners.setdefault(source, acting or 'client')

    def fate(self, raw: bytes, packet: Packet, first: Packet | None) -> str:
        """What the network does with a packet. Without its first fragment, a later one is useless."""
        if raw == self.copy:
            packet.by, self.copy = 'network', b''
            return 'copy'
        if first:
            return 'incomplete' if first.fate == 'lost' else first.fate
        fate = self.faults.fate(packet, self.began + packet.at)
        if fate == 'arrives' and self.faults.is_next('double', packet):
            self.to_copy = raw
        return fate

    # ── Packets that are sent again ──────────────────────────────────────────────────

    def counting(self, packet: Packet) -> list[Packet]:
        """The packets that count now. A SYN that is sent again counts when it is answered."""
        if self.depends_on_time(packet):
            return []
        if packet.flags == ('SYN',) and packet.fate != 'rejected':
            self.unanswered[packet.ports] = packet
            return [] if packet.again else [packet]
        if packet.flags in ANSWERS:
            syn = self.unanswered.pop(packet.ports[::-1], None)
            if syn and syn.again:
                return [syn, packet]
        return [packet]

    def depends_on_time(self, packet: Packet) -> bool:
        """Whether it is lost again: then only the first counts, and the one that arrives. How often
        it is lost depends on time."""
        if packet.kind == 'ICMP':
            return packet.ports[::-1] in self.hushed
        if packet.kind != 'TCP' or packet.fate == 'copy':
            return False
        self.see_again(packet)
        if not packet.again or packet.fate == 'arrives':
            return False
        if packet.fate == 'rejected' and 'SYN' in packet.flags:
            return False
        if packet.fate == 'rejected':
            self.hushed.add(packet.ports)
        return True
