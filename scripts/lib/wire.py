"""What crosses 127.0.0.1, and what the kernels keep, in a network namespace of its own (Linux)."""
import ctypes
import fcntl
import socket
import struct
import time
from contextlib import suppress
from pathlib import Path

from mask import SERVER_PORT

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1
ETH_P_IP = 0x0800   # bound to it, a socket sees packets only where they arrive
FLAGS = [('SYN', 2), ('FIN', 1), ('RST', 4), ('PSH', 8), ('ACK', 16)]
# In the order of Linux's numbers, which begin with 1.
STATES = ['ESTABLISHED', 'SYN-SENT', 'SYN-RECEIVED', 'FIN-WAIT-1', 'FIN-WAIT-2', 'TIME-WAIT',
          'CLOSED', 'CLOSE-WAIT', 'LAST-ACK', 'LISTEN', 'CLOSING']
SETTLED = 'ESTABLISHED', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT', 'LISTEN'
PCAP_HEAD = struct.pack('=IHHIIII', 0xa1b23c4d, 2, 4, 0, 0, 65535, 101)  # nanoseconds; raw IP
DEADLINE = 30       # seconds


def enter_new_network():
    """From now on this process, and those that it starts, see only a new 127.0.0.1."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        raise OSError('this system allows no network namespace')
    with socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))
    # A SYN without an answer is sent again after 1, 3, 7 … s. Since Linux 6.5 it is by default
    # after 1, 2, 3, 4, 5 s first, which leaves no time for what happens in between.
    with suppress(OSError):
        Path('/proc/sys/net/ipv4/tcp_syn_linear_timeouts').write_text('0')


def kernel_table(protocol):
    """Each socket of the namespace, as the kernel shows it."""
    with open(f'/proc/net/{protocol}', encoding='ascii') as table:
        for line in list(table)[1:]:
            _, own, peer, state, queues, _, again, _, _, inode = line.split()[:10]
            yield {'own': int(own[-4:], 16), 'peer': int(peer[-4:], 16),
                   'state': STATES[int(state, 16) - 1], 'unacked': int(queues[:8], 16),
                   'unread': int(queues[-8:], 16), 'again': int(again, 16),
                   'name': f'socket:[{inode}]'}


def is_settled(one):
    """Nothing of it is under way. A client that gets no answer to its SYN counts when its kernel
    has sent it three times: then nothing happens for four seconds."""
    if one['state'] == 'SYN-SENT':
        return one['again'] >= 2
    return one['state'] in SETTLED and not one['unacked']


def parse(packet):
    """Ports, flags, numbers and data of a packet. An ICMP message brings back the packet that it
    answers, so its ports are known."""
    kind, body = packet[9], packet[(packet[0] & 15) * 4:]
    if kind == socket.IPPROTO_ICMP:
        found = parse(body[8:])
        flags = 'ICMP port unreachable' if body[:2] == b'\3\3' else f'ICMP {body[0]}, {body[1]}'
        return {**found, 'ports': found['ports'][::-1], 'flags': flags, 'length': 0, 'data': ''}
    found = {'ports': [int.from_bytes(body[at:at + 2], 'big') for at in (0, 2)],
             'flags': 'UDP', 'seq': None, 'ack': None}
    data = body[8:]
    if kind == socket.IPPROTO_TCP:
        data = body[(body[12] >> 4) * 4:]
        found['flags'] = ', '.join(name for name, bit in FLAGS if body[13] & bit)
        found['seq'], found['ack'] = struct.unpack('>II', body[4:12])
    return {**found, 'length': len(data), 'data': data.decode('utf-8', 'replace')}


def numbers(packet):
    """As tcpdump shows them: seq 1:6, ack 1, length 5."""
    parts, length = [], packet['length']
    if packet['seq'] is not None:
        parts.append(f"seq {packet['seq']}" + f":{packet['seq'] + length}" * bool(length))
    if packet['ack'] is not None:
        parts.append(f"ack {packet['ack']}")
    if length or packet['flags'] == 'UDP':
        parts.append(f'length {length}')
    return ', '.join(parts)


class Wire:
    """Sees every packet from now on."""

    def __init__(self, protocol):
        self.protocol, self.pcap = protocol, []
        self.packets = []           # those that were seen so far, without repeated SYNs
        self.names = {}             # whose each client's port is
        self.servers = {SERVER_PORT}
        self.first = {}             # the first sequence number of each direction
        self.repeated = {}          # a SYN that was sent again counts only if it is answered
        self.datagrams = {}         # those that nobody has received, by port
        self.reported = 0
        self.seen = self.crossed()
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.sock.bind(('lo', ETH_P_IP))
        self.sock.setblocking(False)

    @staticmethod
    def crossed():
        """How many packets have crossed, as the kernel counts."""
        with open('/proc/net/dev', encoding='ascii') as table:
            return next(int(line.split()[2]) for line in table if line.split()[0] == 'lo:')

    def new_packets(self, acting=None):
        """Those since the last time, when all have arrived and are acknowledged. A new port
        is that of the program that acts."""
        end = time.monotonic() + DEADLINE
        while True:
            settled, crossed = all(map(is_settled, kernel_table('tcp'))), self.crossed()
            with suppress(BlockingIOError):
                while True:
                    self.keep(self.sock.recv(65535), acting)
            if settled and self.seen == crossed == self.crossed():
                break
            if time.monotonic() > end:
                raise TimeoutError(f'packets are still under way after {DEADLINE} seconds')
            time.sleep(0.001)
        new, self.reported = self.packets[self.reported:], len(self.packets)
        return new

    def keep(self, raw, acting):
        self.seen += 1
        stamp = divmod(time.time_ns(), 10**9)   # the time of reading: a little late
        self.pcap.append(struct.pack('=4I', *stamp, *[len(raw)] * 2) + raw)
        packet = parse(raw)
        source, target = packet['ports']
        packet['from'] = 'server' if source in self.servers else 'client'
        port = target if packet['from'] == 'server' else source
        packet['client'] = self.names.setdefault(port, acting)
        sender = 'server' if packet['from'] == 'server' else packet['client']
        packet['kernel'] = not packet['data'] and (
            sender != acting or packet['flags'] not in ('SYN', 'FIN, ACK', 'UDP'))
        self.make_relative(packet)
        packet['numbers'] = numbers(packet)
        if packet['flags'] == 'UDP':
            self.datagrams.setdefault(target, []).append({'length': packet['length'], 'memory': 0})
        self.packets += self.without_repeats(packet, port)

    def without_repeats(self, packet, port):
        """The packets that count now: a SYN that is sent again counts when it is answered."""
        if packet['flags'] == 'SYN' and port in self.repeated:
            self.repeated[port] = [{**packet, 'kernel': True}]
            return []
        before = []
        if packet['flags'] == 'SYN':
            self.repeated[port] = []
        elif packet['flags'] == 'SYN, ACK':
            before, self.repeated[port] = self.repeated[port], []
        return [*before, packet]

    def make_relative(self, packet):
        """Counts from the SYN of each direction, as tcpdump does."""
        if packet['seq'] is None:
            return
        source, target = packet['ports']
        if 'SYN' in packet['flags']:
            self.first[source, target] = packet['seq']
        packet['seq'] = (packet['seq'] - self.first.get((source, target), packet['seq'])) % 2**32
        packet['ack'] = (packet['ack'] - self.first.get((target, source), 0)) % 2**32
        if 'ACK' not in packet['flags']:
            packet['ack'] = None

    def unread_datagrams(self, one):
        """How many bytes of datagrams nobody has received yet. The kernel shows only how much
        memory they take, so each is kept with its memory."""
        waiting, memory = self.datagrams.setdefault(one['own'], []), one['unread']
        if not memory:
            waiting.clear()
        new = [datagram for datagram in waiting if not datagram['memory']]
        known = sum(datagram['memory'] for datagram in waiting)
        for datagram in new:
            datagram['memory'] = (memory - known) // len(new)
        while sum(datagram['memory'] for datagram in waiting) > memory:
            waiting.pop(0)
        return sum(datagram['length'] for datagram in waiting)

    def sockets(self):
        """Both kernels' sockets: of whom, with whom, ports, state, bytes unread, queue. The
        server's are first, and of these the one that listens."""
        names = list(self.names.values())
        return sorted(map(self.describe, kernel_table(self.protocol)), key=lambda one: (
            one['side'] == 'client', one['state'] != 'LISTEN',
            names.index(one['client']) if one['client'] else -1))

    def describe(self, one):
        """One of them. Of a socket that listens, the kernel shows the length of its queue."""
        server, udp = one['own'] in self.servers, self.protocol == 'udp'
        found = {'side': 'server' if server else 'client',
                 'client': self.names.get(one['peer'] if server else one['own']),
                 'own': one['own'], 'peer': one['peer'] or None,
                 'state': None if udp else one['state'], 'queue': None, 'unread': one['unread']}
        if udp:
            found['unread'] = self.unread_datagrams(one)
        elif one['state'] == 'LISTEN':
            found['queue'], found['unread'] = one['unread'], 0
        elif one['state'] == 'CLOSE-WAIT' and one['unread']:
            found['unread'] -= 1        # its FIN counts as one
        return found
