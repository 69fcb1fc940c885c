"""What crosses 127.0.0.1, and what the kernels keep, in a network of its own (Linux)."""
import socket
import struct
import time
from contextlib import suppress

import mask
from sockets import linux

ETH_P_IP = 0x0800   # bound to it, a socket sees packets only where they come in
FLAGS = [('SYN', 2), ('FIN', 1), ('RST', 4), ('PSH', 8), ('ACK', 16)]
SETTLED = 'ESTABLISHED', 'FIN-WAIT-2', 'TIME-WAIT', 'CLOSED', 'CLOSE-WAIT', 'LISTEN'
PCAP = struct.pack('=IHHIIII', 0xa1b23c4d, 2, 4, 0, 0, 65535, 101)  # nanoseconds; raw IP
DEADLINE = 5        # seconds; an ACK may wait for a fifth of one


def parsed(packet):
    """Who sent it, its kind and its data. The server is who has the server's port."""
    kind, body = packet[9], packet[(packet[0] & 15) * 4:]
    if kind == socket.IPPROTO_ICMP:     # it brings back the packet that it answers
        flags = 'ICMP port unreachable' if body[:2] == b'\3\3' else f'ICMP {body[0]}, {body[1]}'
        return {**parsed(body[8:]), 'from': 'server', 'flags': flags, 'bytes': 0, 'data': ''}
    if kind == socket.IPPROTO_UDP:
        flags, data = 'UDP', body[8:]
    else:
        flags = ', '.join(name for name, bit in FLAGS if body[13] & bit)
        data = body[(body[12] >> 4) * 4:]
    to = int.from_bytes(body[2:4], 'big')
    return {'from': 'client' if str(to) == mask.SERVERS else 'server', 'flags': flags,
            'bytes': len(data), 'data': data.decode('utf-8', 'replace')}


class Wire:
    """Listens to 127.0.0.1 from now on."""

    def __init__(self, protocol):
        self.protocol, self.packets, self.pcap = protocol, [], []
        self.sock = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_IP))
        self.sock.bind(('lo', ETH_P_IP))
        self.sock.setblocking(False)
        self.before = self.crossed()

    @staticmethod
    def crossed():
        """How many packets have crossed, by the kernel's own count."""
        with open('/proc/net/dev', encoding='ascii') as table:
            return next(int(line.split()[2]) for line in table if line.split()[0] == 'lo:')

    def heard(self):
        """The packets since the last time, once all have come and are acknowledged."""
        new, end = len(self.packets), time.monotonic() + DEADLINE
        while True:
            settled = all(one['state'] in SETTLED and not one['unacked'] for one in linux('tcp'))
            crossed = self.crossed()
            with suppress(BlockingIOError):
                while True:
                    packet = self.sock.recv(65535)
                    self.packets.append(parsed(packet))
                    stamp = divmod(time.time_ns(), 10**9)   # of the reading: a little late
                    self.pcap.append(struct.pack('=4I', *stamp, *[len(packet)] * 2) + packet)
            if settled and self.before + len(self.packets) == crossed == self.crossed():
                return self.packets[new:]
            if time.monotonic() > end:
                raise TimeoutError(f'packets are on their way for {DEADLINE} seconds')
            time.sleep(0.001)

    def kept(self):
        """For each side its end of the connection, and the server's listening socket."""
        found = {'client': {'socket': None}, 'server': {'socket': None, 'listening': None}}
        for one in linux(self.protocol):
            side = 'server' if str(one['own']) == mask.SERVERS else 'client'
            unread, state = one['unread'], one['state']
            if state == 'LISTEN':
                found[side]['listening'] = {'queue': unread}
                continue
            if self.protocol == 'udp':  # the kernel counts its own memory, not bytes
                to_it = [packet['bytes'] for packet in self.packets if packet['from'] != side]
                unread, state = to_it[-1] if unread else 0, None
            elif state == 'CLOSE-WAIT' and unread:
                unread -= 1             # the FIN counts as one
            found[side]['socket'] = {'state': state, 'unread': unread}
        return found

    def text(self):
        """A line for each packet, times masked."""
        return '\n'.join(f"{one['from']}: {one['flags']}, {one['bytes']} bytes"
                         f" {mask.times(one['data'])!r}" for one in self.packets)
