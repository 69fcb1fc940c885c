#!/usr/bin/env python3
"""Shows, as it happens, what changes in the kernel of this machine at a port (Linux): who is
connected, how many are in the queue, how many bytes are unread, and each state. The programs can be
any, in any language. Ctrl-C ends it.

Root also sees the packets (of IPv4; of fragments only the first), and how many bytes of UDP are
unread: for UDP the kernel's tables show only how much memory unread datagrams take.

The kernel's tables are read fifty times a second: a state that comes and goes in between is not
seen. A client's own states are seen only if the client is on this machine. One example is SYN-SENT,
in which a client stays while the server's queue is full: the server's kernel does not know it.
"""

import signal
import sys
from os.path import dirname, realpath

signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a traceback
sys.dont_write_bytecode = True  # with sudo, the files would be root's
sys.path.insert(0, dirname(realpath(__file__)))

from stage import watch  # noqa: E402

watch.main(__doc__)
