#!/usr/bin/env python3
# TCP timestamp server: sends every message back with the time in front
from socket import AF_INET, SOCK_STREAM, socket
from time import ctime
HOST = ''  # every interface
PORT = 21567
BUFSIZ = 1024
ADDR = (HOST, PORT)
tcp_ser_sock = socket(AF_INET, SOCK_STREAM)
tcp_ser_sock.bind(ADDR)
tcp_ser_sock.listen(5)  # the backlog: how many may queue
while True:
    print('waiting for connecting...')
    tcp_cli_sock, addr = tcp_ser_sock.accept()
    print('...connected from:', addr)
    while True:
        data = tcp_cli_sock.recv(BUFSIZ)
        if not data:  # the client closed the conversation
            break
        tcp_cli_sock.send(b'[%s] %s' % (bytes(ctime(), 'utf-8'), data))
    tcp_cli_sock.close()
tcp_ser_sock.close()  # never reached
