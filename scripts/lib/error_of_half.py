"""Runs a Python half and says what it raised: error_of_half.py FILE PORT [HOST]

The answer is a line of standard error: the number, its name and its text, with
tabs between. Name and text are those of Python's errno and os.strerror; an
exception without an errno has its class for a name, and where it has no number at
all, a "-".

Two things differ from a plain run. connect is connect_ex, and what it returns
is raised. And a UDP socket waits for one second at most (SO_RCVTIMEO), where
Python waits for ever.
"""
import errno
import os
import runpy
import socket
import struct
import sys


class Socket(socket.socket):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.type == socket.SOCK_DGRAM:
            second = struct.pack('ll', 1, 0)
            self.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, second)

    def connect(self, address):
        code = self.connect_ex(address)
        if code:
            raise OSError(code, os.strerror(code))


socket.socket = Socket
answer = 0, 'nothing', 'it ended without an exception'
try:
    half = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'run_half.py')
    runpy.run_path(half, run_name='__main__')
except socket.gaierror as error:
    answer = error.errno, 'gaierror', error.strerror
except OSError as error:
    number = error.errno
    answer = number, errno.errorcode[number], os.strerror(number)
except OverflowError as error:
    answer = '-', 'OverflowError', str(error).split(': ')[-1]
print(*answer, sep='\t', file=sys.stderr)
