"""Peers that a client or a server cannot do anything with, on 127.0.0.1.

The first line printed is five ports:
  one that is taken, though nobody listens there;
  one where somebody listens, and on the same UDP port somebody keeps silent;
  one where a connection is reset as soon as something was said;
  one where the first message is answered, and then the connection is reset;
  one where the same happens, but for an end (FIN) between the answer and the reset.
After each reset it prints the port where it was. It runs until it is ended.
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


deaf, resetting, answering, closing = (bound() for _ in range(4))
while True:
    busy = bound()
    try:
        silent = bound(socket.SOCK_DGRAM, port(busy))
        break
    except OSError:
        pass  # taken for UDP: another port
for listener in busy, resetting, answering, closing:
    listener.listen()
print(*map(port, (deaf, busy, resetting, answering, closing)), flush=True)

while True:
    for listener in select.select([resetting, answering, closing], [], [])[0]:
        connection = listener.accept()[0]
        message = connection.recv(1024)
        if listener is not resetting:
            connection.sendall(message)
        if listener is closing:
            connection.shutdown(socket.SHUT_WR)
        # To linger for 0 seconds is to close by a reset.
        linger = struct.pack('ii', 1, 0)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        connection.close()
        print(port(listener), flush=True)
