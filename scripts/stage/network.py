"""A network namespace of one's own (Linux): only 127.0.0.1 is there, and all ports are free."""

import ctypes
import fcntl
import os
import socket
import struct
from contextlib import suppress
from pathlib import Path

from stage.model import Problem

CLONE_NEWNET = 0x40000000
SIOCSIFFLAGS, IFF_UP = 0x8914, 1


def is_own():
    """Whether the door has given this process the right to make one."""
    return bool(os.environ.get('NETWORK'))


def not_seen():
    """Why packets are not seen, and the command that helps, if there is one."""
    command = os.environ.get('AS_ROOT')
    return Problem('not seen without root' if command else 'not seen', command=command)


def enter():
    """From now on this process, and those that it starts, see only a new 127.0.0.1."""
    if ctypes.CDLL(None).unshare(CLONE_NEWNET):
        raise Problem('no namespace')
    with socket.socket() as sock:
        fcntl.ioctl(sock, SIOCSIFFLAGS, struct.pack('16sh14x', b'lo', IFF_UP))
    # A SYN without an answer is sent again after 1, 3, 7 … s. Since Linux 6.5 it is by default
    # after 1, 2, 3, 4, 5 s first, which leaves no time for what happens in between.
    with suppress(OSError):
        Path('/proc/sys/net/ipv4/tcp_syn_linear_timeouts').write_text('0')
