"""Peers that a client or a server cannot do anything with, on 127.0.0.1.

The first line printed is four ports:
  one that is taken, though nobody listens there;
  one where somebody listens, and on the same UDP port somebody keeps silent;
  one where a connection is reset as soon as something was said;
  one where the first message is answered, and then the connection is reset.
After each reset it prints a line: "reset". It runs until it is ended.
"""
import select
import socket
import struct


def bound(kind=socket.SOCK_STREAM, port=0):
    sock = socket.socket(type=kind)
    sock.bind(('127.0.0.1', port))
    return sock


def port(sock):
    return sock.getsockname()[1]


deaf, resetting, leaving = bound(), bound(), bound()
while True:
    busy = bound()
    try:
        silent = bound(socket.SOCK_DGRAM, port(busy))
        break
    except OSError:
        pass  # taken for UDP: another port
for listener in busy, resetting, leaving:
    listener.listen()
print(*map(port, (deaf, busy, resetting, leaving)), flush=True)

while True:
    for listener in select.select([resetting, leaving], [], [])[0]:
        connection = listener.accept()[0]
        message = connection.recv(1024)
        if listener is leaving:
            connection.sendall(message)
            connection.shutdown(socket.SHUT_WR)
        # To linger for 0 seconds is to close by a reset.
        linger = struct.pack('ii', 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        print('reset', flush=True)
