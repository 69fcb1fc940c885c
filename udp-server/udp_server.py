#!/usr/bin/env python3
# UDP timestamp server: sends every datagram back with the time in front
from socket import AF_INET, SOCK_DGRAM, socket
from time import ctime
HOST = ''  # every interface
PORT = 21567
BUFSIZ = 1024
ADDR = (HOST, PORT)
udp_ser_sock = socket(AF_INET, SOCK_DGRAM)
udp_ser_sock.bind(ADDR)
while True:
    print('waiting for message...')
    data, addr = udp_ser_sock.recvfrom(BUFSIZ)
    udp_ser_sock.sendto(b'[%s] %s' % (bytes(ctime(), 'utf-8'), data), addr)
    print('...received from and returned to:', addr)
udp_ser_sock.close()  # never reached
