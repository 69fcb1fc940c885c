#!/usr/bin/env python3
# UDP timestamp client: sends each line and prints the reply
from socket import AF_INET, SOCK_DGRAM, socket
HOST = 'localhost'
PORT = 21567
BUFSIZ = 1024
ADDR = (HOST, PORT)
udp_cli_sock = socket(AF_INET, SOCK_DGRAM)
while True:
    data = input('> ')
    if not data:  # an empty line ends the program
        break
    udp_cli_sock.sendto(bytes(data, 'utf-8'), ADDR)
    data, ADDR = udp_cli_sock.recvfrom(BUFSIZ)  # ADDR: whoever answered
    if not data:
        break
    print(data.decode('utf-8'))
udp_cli_sock.close()
