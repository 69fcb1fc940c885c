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


def linux(protocol='tcp'):
    """Each socket: its own port and the peer's, its state, bytes, how often the kernel
    asked again, and its name in /proc/PID/fd."""
    with open(f'/proc/net/{protocol}', encoding='ascii') as table:
        for line in list(table)[1:]:
            _, own, peer, state, queues, _, again, _, _, inode = line.split()[:10]
            yield {'own': int(own[-4:], 16), 'peer': int(peer[-4:], 16),
                   'state': STATES[int(state, 16) - 1], 'unacked': int(queues[:8], 16),
                   'unread': int(queues[-8:], 16), 'again': int(again, 16),
                   'name': f'socket:[{inode}]'}


def macos():
    table = subprocess.run(['netstat', '-an', '-p', 'tcp'], stdout=subprocess.PIPE, text=True)
    for line in table.stdout.splitlines()[2:]:
        unread, _, own, peer, state = line.split()[1:6]
        yield {'own': own.split('.')[-1], 'peer': peer.split('.')[-1], 'state': state,
               'unread': unread}


if __name__ == '__main__':
    sys.stdout.write(''.join(  # at once: who reads it may stop at the first line
        f"{end} {one['state']} {one['unread']}\n"
        for one in (linux() if os.path.exists('/proc/net/tcp') else macos())
        for end, port in (('server', 'own'), ('client', 'peer')) if str(one[port]) == sys.argv[1]))
