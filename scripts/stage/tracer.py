"""Runs a Python program and reports what it does, line by line: tracer.py FD FILE COMMAND…

FILE is the program; COMMAND runs it, perhaps on another port (run.py). For each thing that
happens, a line of JSON goes to the socket FD: a line is `done`, or `raises` an exception; a call
`begins` that may have to wait. The program goes on when it has read a byte from there. A
`while True:` is not reported: it does nothing, and Python 3.8 and 3.9 do not report it either.
"""

import json
import linecache
import os
import runpy
import socket
import sys
import threading

FD, FILE, *COMMAND = sys.argv[1:]
lines: dict = {}  # the line that each frame is on
frame = None  # the frame that runs
facts: dict = {}  # what the calls of this line have returned or raised


def is_variable(name, value):
    """The page shows text, bytes, addresses and sockets; not modules and functions."""
    return (
        (name.islower() or name == 'ADDR')
        and not name.startswith('_')
        and isinstance(value, (str, bytes, tuple, Socket))
    )


def report(event):
    """Reports an event and how things stand now, and waits until it may go on."""
    if threading.current_thread() is not threading.main_thread():
        return
    if linecache.getline(FILE, lines[frame]).strip() == 'while True:':
        return
    variables = {
        name: repr(value)
        for name, value in frame.f_locals.items()
        if is_variable(name, value)
    }
    entry = {'event': event, 'line': lines[frame], 'variables': variables, **facts}
    os.write(int(FD), json.dumps(entry).encode() + b'\n')
    os.read(int(FD), 1)


class Socket(socket.socket):
    """A socket that reports calls that may have to wait, and how many bytes they moved."""

    def __repr__(self):
        return '<socket>' if self.fileno() >= 0 else '<closed socket>'


def count(result):
    """The bytes that a call has sent or received."""
    result = result[0] if isinstance(result, tuple) else result
    return len(result) if isinstance(result, bytes) else result


def reporting(name):
    """A method of a socket that reports before it is called, and what it returned."""
    method = getattr(socket.socket, name)

    def call(self, *args):
        facts['call'] = name
        if name == 'bind':
            facts['port'] = args[0][1]
        else:
            report('begins')
        result = method(self, *args)
        facts['call'] = None
        if name != 'accept':
            facts['count'] = count(result)
        return result

    return call


for name in 'bind', 'accept', 'connect', 'recv', 'recvfrom', 'send', 'sendto':
    setattr(Socket, name, reporting(name))


class Keyboard:
    """Standard input, which reports when the program reads it."""

    def readline(self, *args):
        report('begins')
        line = sys.__stdin__.readline(*args)
        facts['count'] = len(line.rstrip('\n'))
        facts['call'] = None if line else 'input'
        return line


def trace_calls(new, event, _):
    """Python is to report every line of the program to trace_lines."""
    return trace_lines if new.f_code.co_filename == FILE else None


def trace_lines(new, event, argument):
    """A line is done when the next one begins, or when its block returns."""
    global frame, facts
    if event == 'exception':
        number = getattr(argument[1], 'errno', None)
        facts['error'] = number or argument[0].__name__
        facts['message'] = f'{argument[0].__name__}: {argument[1]}'
        return trace_lines
    if new in lines:
        frame = new
        report('raises' if 'error' in facts else 'done')
    facts = {}
    if event == 'line':
        lines[new], frame = new.f_lineno, new
    elif event == 'return':
        lines.pop(new, None)
        frame = new.f_back
    return trace_lines


socket.socket = Socket  # type: ignore
sys.stdin = Keyboard()  # type: ignore
sys.argv = COMMAND
sys.settrace(trace_calls)
runpy.run_path(COMMAND[0], run_name='__main__')
