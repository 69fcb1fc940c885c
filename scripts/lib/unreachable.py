"""Sends "hello" where nobody listens: by a socket that is not connected, as the UDP
client's, and by one that is. Prints the packets, where they can be seen, and what
each socket hears. It fails where a kernel does otherwise.
"""
import os
import socket
import sys

from pair import free_port, lead
from wire import Wire

lead()
wire = Wire('udp') if os.environ['network'] else None
print('socket         packets                           recv')
for connected, expected in (False, socket.timeout), (True, ConnectionRefusedError):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        nobody = '127.0.0.1', free_port()
        if connected:
            sock.connect(nobody)
            sock.send(b'hello')
        else:
            sock.sendto(b'hello', nobody)
        packets = wire.heard() if wire else []
        seen = ', '.join(f"{one['flags']} {one['data']}".strip() for one in packets)
        if wire and seen != 'UDP hello, ICMP port unreachable':
            sys.exit(f'other packets: {seen}')
        sock.settimeout(1)
        try:
            sys.exit(f'recv returned {sock.recv(1024)}')
        except expected as heard:
            who = 'connected' if connected else 'not connected'
            print(f"{who:<14} {seen or 'not seen':<33} {heard}")
if not wire:
    print('Packets can be seen on Linux only, and where a program may have its own network.')
