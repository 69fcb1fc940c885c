"""Runs a Python half and notes what it does, line by line:
tracer.py SIDE NOTES [RUN_HALF] FILE [PORT]

For each thing that happens it writes a line of JSON into the socket NOTES: a line is
`done`, a call `waits`, the program `ends`. It goes on when it has read a byte from
there. (Python 3.8 and 3.9 do nothing at the line `while True:`, so they do not
tell of it.)
"""
import io
import json
import os
import runpy
import socket
import sys

SIDE, NOTES, *COMMAND = sys.argv[1:]
FILE = COMMAND[:2][-1]
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
    os.read(int(NOTES), 1)
    sent = None


class Socket(socket.socket):
    """A socket that says what it is given to send, and when it waits."""

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

    def send(self, data):
        self.sends(data)
        return super().send(data)

    def sendto(self, data, addr):
        self.sends(data)
        return super().sendto(data, addr)

    def sends(self, data):
        global sent
        sent = data.decode('utf-8')


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
sys.argv = COMMAND
sys.settrace(begins)
runpy.run_path(COMMAND[0], run_name='__main__')
