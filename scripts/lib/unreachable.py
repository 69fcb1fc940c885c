"""Sends "hello" where nobody listens: by a socket that is not connected, as the UDP
client's, and by one that is. Prints the packets, where they can be seen, and what
each socket hears. It fails where a kernel does otherwise.
"""
import os
import socket
import sys

from pair import free_port, lead

lead()
wire = None
if os.environ['network']:
    wire = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))  # IPv4
    wire.bind(('lo', 0x0800))
    wire.settimeout(1)
print('socket         packets                           recv')
for connected, expected in (False, socket.timeout), (True, ConnectionRefusedError):
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        nobody = '127.0.0.1', free_port()
        if connected:
            sock.connect(nobody)
            sock.send(b'hello')
        else:
            sock.sendto(b'hello', nobody)
        seen = 'not seen'
        if wire:
            udp, icmp = wire.recv(1024), wire.recv(1024)
            names = {b'\1\3\3': 'ICMP port unreachable'}  # its number, type and code
            seen = f'UDP {udp[28:].decode()}, {names[icmp[9:10] + icmp[20:22]]}'
        sock.settimeout(1)
        try:
            sys.exit(f'recv returned {sock.recv(1024)}')
        except expected as heard:
            print('connected     ' if connected else 'not connected ', f'{seen:<33}', heard)
if not wire:
    print('Packets can be seen on Linux only, and where a program may have its own network.')
