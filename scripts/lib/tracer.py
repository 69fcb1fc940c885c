"""Runs a Python half and notes what it does, line by line:
tracer.py SIDE NOTES TURN_IN TURN_OUT FILE PORT

Both sides write to one pipe, NOTES, a line of JSON for each thing that happens:
a line is `done`, a call `waits`, the program `ends`. Only one side runs at a
time: the one that has read the one byte in the pipe TURN. It puts the byte back
before a call that waits. So the order of the notes is the order in which things
happened, and the same in every run. (Python 3.8 and 3.9 do nothing at the line
`while True:`, so they do not tell of it.)
"""
import io
import json
import os
import runpy
import socket
import sys
import time
from pathlib import Path

SIDE, NOTES, TURN_IN, TURN_OUT, FILE, PORT = sys.argv[1:]
NAMES = {}  # the global names of the half, once it runs
line = None  # the line that it is on
sent = None  # what this line has sent


def note(event):
    """Writes down what has happened, and how things stand now."""
    global sent
    variables = {name: repr(value) for name, value in NAMES.items()
                 if name.islower() and isinstance(value, (str, bytes, tuple, Socket))
                 and not name.startswith('__')}
    entry = {'time': time.monotonic_ns(), 'side': SIDE, 'event': event, 'line': line,
             'variables': variables, 'screen': sys.stdout.getvalue(), 'sent': sent}
    os.write(int(NOTES), json.dumps(entry).encode() + b'\n')
    sent = None


def waiting(call, *args):
    """Makes a call that waits: meanwhile it is the other side's turn."""
    note('waits')
    os.write(int(TURN_OUT), b'.')
    result = call(*args)
    os.read(int(TURN_IN), 1)
    return result


class Socket(socket.socket):
    """A socket that says what it sends, and when it waits."""

    def __repr__(self):
        return '<socket>' if self.fileno() >= 0 else '<closed socket>'

    def accept(self):
        return waiting(super().accept)

    def recv(self, size):
        return waiting(super().recv, size)

    def recvfrom(self, size):
        return waiting(super().recvfrom, size)

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
        typed = waiting(sys.__stdin__.readline)
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
os.read(int(TURN_IN), 1)
sys.settrace(begins)
try:
    runpy.run_path(half, run_name='__main__')
finally:
    os.write(int(TURN_OUT), b'.')
