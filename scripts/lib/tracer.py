"""Runs a Python half and notes what it does, line by line:
tracer.py SIDE NOTES GO_ON FILE PORT

For each thing that happens it writes a line of JSON into the pipe NOTES: a line is
`done`, a call `waits`, the program `ends`. It goes on when it has read a byte from the
pipe GO_ON. (Python 3.8 and 3.9 do nothing at the line `while True:`, so they do not
tell of it.)
"""
import io
import json
import os
import runpy
import socket
import sys
from pathlib import Path

SIDE, NOTES, GO_ON, FILE, PORT = sys.argv[1:]
NAMES = {}  # the global names of the half, once it runs
line = None  # the line that it is on
sent = None  # what this line has sent


def note(event):
    """Writes down what has happened, and how things stand now."""
    global sent
    variables = {name: repr(value) for name, value in NAMES.items()
                 if (name.islower() or name == 'ADDR') and not name.startswith('__')
                 and isinstance(value, (str, bytes, tuple, Socket))}
    entry = {'side': SIDE, 'event': event, 'line': line, 'variables': variables,
             'screen': sys.stdout.getvalue(), 'sent': sent}
    os.write(int(NOTES), json.dumps(entry).encode() + b'\n')
    os.read(int(GO_ON), 1)
    sent = None


class Socket(socket.socket):
    """A socket that says what it sends, and when it waits."""

    def __repr__(self):
        return '<socket>' if self.fileno() >= 0 else '<closed socket>'

    def accept(self):
        note('waits')
        return super().accept()

    def recv(self, size):
        note('waits')
        return super().recv(size)

    def recvfrom(self, size):
        note('waits')
        return super().recvfrom(size)

    def connect(self, addr):
        super().connect(addr)
        self.sends('SYN')

    def send(self, data):
        self.sends(data.decode('utf-8'))
        return super().send(data)

    def sendto(self, data, addr):
        self.sends(data.decode('utf-8'))
        return super().sendto(data, addr)

    def close(self):
        if self.type == socket.SOCK_STREAM:
            self.sends('FIN')
        super().close()

    def sends(self, text):
        global sent
        sent = text


class Keyboard:
    """Standard input, whose lines are also seen on the screen, as on a terminal."""

    def readline(self):
        note('waits')
        typed = sys.__stdin__.readline()
        sys.stdout.write(typed)
        return typed


def begins(frame, event, _):
    """Where the half begins, Python tells `lines` of every line from then on."""
    global NAMES
    if frame.f_code.co_filename == FILE:
        NAMES = frame.f_globals
        return lines
    return None


def lines(frame, event, _):
    """A line is done where the next one begins or the program ends."""
    global line
    if event in ('line', 'return'):
        if line:
            note('done')
        line = frame.f_lineno
    if event == 'return':
        note('ends')
    return lines


socket.socket, sys.stdin, sys.stdout = Socket, Keyboard(), io.StringIO()
half = str(Path(__file__).with_name('run_half.py'))
sys.argv = [half, FILE, PORT]
sys.settrace(begins)
runpy.run_path(half, run_name='__main__')
