"""Prints what the kernel has of the conversations with a server on 127.0.0.1: for
each socket whose end it is (client or server), its state, and how many bytes lie
there unread: sockets.py PORT
"""
import os
import subprocess
import sys

# In the order of Linux's numbers, which begin with 1.
STATES = ('ESTABLISHED SYN-SENT SYN-RECEIVED FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT CLOSED '
          'CLOSE-WAIT LAST-ACK LISTEN CLOSING').split()


def sockets():
    """The own port, the peer's port, the state and the unread bytes of each socket."""
    if os.path.exists('/proc/net/tcp'):
        with open('/proc/net/tcp', encoding='ascii') as table:
            for line in list(table)[1:]:
                own, peer, state, queues = line.split()[1:5]
                yield (*(int(address.split(':')[1], 16) for address in (own, peer)),
                       STATES[int(state, 16) - 1], int(queues.split(':')[1], 16))
    else:  # macOS
        table = subprocess.run(['netstat', '-an', '-p', 'tcp'], stdout=subprocess.PIPE, text=True)
        for line in table.stdout.splitlines()[2:]:
            unread, _, own, peer, state = line.split()[1:6]
            yield (*(address.split('.')[-1] for address in (own, peer)), state, unread)


for own, peer, state, unread in sockets():
    for end, port in ('server', own), ('client', peer):
        if str(port) == sys.argv[1]:
            print(end, state, unread)
