#!/usr/bin/env python3
# TCP timestamp client: sends each line and prints the server's reply
from socket import AF_INET, SOCK_STREAM, socket
HOST = '127.0.0.1'
PORT = 21567
BUFSIZ = 1024
ADDR = (HOST, PORT)
tcp_cli_sock = socket(AF_INET, SOCK_STREAM)
tcp_cli_sock.connect(ADDR)
while True:
    data = input('> ')
    if not data:  # an empty line ends the program
        break
    tcp_cli_sock.send(bytes(data, 'utf-8'))
    data = tcp_cli_sock.recv(BUFSIZ)
    if not data:  # the server closed the conversation
        break
    print(data.decode('utf-8'))
tcp_cli_sock.close()
