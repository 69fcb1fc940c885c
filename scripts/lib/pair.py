"""Pairs of client and server that run, for the parts in Python that need some."""
import itertools
import os
import random
import signal
import socket
import struct
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import mask
from join import TOP
from sockets import linux

OWN_NETWORK = bool(os.environ.get('network'))   # see lib.sh
RUN_HALF = TOP / 'scripts/lib/run_half.py'
DEADLINE = 15       # seconds for a program to come to rest
NUMBERS = itertools.count()


def python_command(file, port):
    return [sys.executable, '-u', *([RUN_HALF, file, port] if port else [file])]


def command(language, program, port=None):
    """Runs a program as it is, or on a port of 127.0.0.1. lib.sh says where Rust's are."""
    if language == 'rust':
        return [f"{os.environ['bin']}/{program}", *(['127.0.0.1', port] if port else [])]
    return python_command(TOP / program / f"{program.replace('-', '_')}.py", port)


def free_port():
    """One that is free for TCP and UDP, below those that kernels pick for clients."""
    while True:
        port = random.randrange(22000, 32000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            with suppress(OSError):
                tcp.bind(('127.0.0.1', port))
                udp.bind(('127.0.0.1', port))
                return port


def place(protocol):
    """Where a pair talks: in a network of its own on its own port, which is listened to;
    else on a free port."""
    if not OWN_NETWORK:
        return {'wire': None, 'port': free_port()}
    from wire import Wire
    return {'wire': Wire(protocol), 'port': None}


def lead():
    """Makes a process the head of those that it starts: they end with it."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, lambda *_: os.killpg(0, signal.SIGKILL))
    if OWN_NETWORK:     # its 127.0.0.1 is still down: SIOCSIFFLAGS, IFF_UP
        import fcntl
        with socket.socket() as sock:
            fcntl.ioctl(sock, 0x8914, struct.pack('16sh14x', b'lo', 1))


class Program:
    """One that runs: its keyboard, its screen and its messages."""

    def __init__(self, side, words, folder, **options):
        self.side, self.stopped = side, False
        self.files = [Path(folder, f'{side}-{next(NUMBERS)}.{name}') for name in ('out', 'err')]
        with open(self.files[0], 'wb') as out, open(self.files[1], 'wb') as err:
            self.process = subprocess.Popen([*map(str, words)], stdin=subprocess.PIPE,
                                            stdout=out, stderr=err, **options)

    def type(self, line):
        with suppress(OSError):  # it has ended
            os.write(self.process.stdin.fileno(), line.encode() + b'\n')

    def rests(self):
        """What stays the same as long as it sleeps or has ended; None where it runs."""
        if self.process.poll() is not None:
            return 'ended'
        try:
            status = Path(f'/proc/{self.process.pid}/status').read_text()
        except OSError:  # where there is no /proc
            ps = ['ps', '-o', 'state=', '-p', str(self.process.pid)]
            status = 'State: ' + subprocess.run(ps, check=False, stdout=subprocess.PIPE,
                                                encoding='ascii').stdout
        sleeps = status.partition('State:')[2].strip()[:1] in ('S', 'I')
        sleeps &= not status.startswith('Name:\tstrace')  # which is about to start it
        return status + self.screen() + self.messages() if sleeps else None

    def sockets(self, protocol):
        """Its sockets; none where there is no /proc, or when it has ended."""
        try:
            files = {os.readlink(str(file)) for file in
                     Path(f'/proc/{self.process.pid}/fd').iterdir()}
            return [one for one in linux(protocol) if one['name'] in files]
        except OSError:
            return []

    def screen(self):
        return self.files[0].read_bytes().decode('utf-8', 'surrogateescape')

    def messages(self):
        return self.files[1].read_bytes().decode('utf-8', 'surrogateescape')

    def end(self):
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()


class Pair:
    """A server and its clients. In lock step one of them acts at a time, until it rests."""

    def __init__(self, protocol, folder, lock_step=False, wire=None):
        self.protocol, self.folder, self.lock_step = protocol, folder, lock_step
        self.wire = wire
        self.programs, self.ports = [], set()   # of the clients

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for one in self.programs:
            one.end()

    def start(self, side, words, kind=Program):
        self.programs.append(kind(side, words, self.folder))
        self.turn(side)

    def turn(self, side):
        """The last program of a side goes on, until it rests."""
        one = [one for one in self.programs if one.side == side][-1]
        if one.stopped:
            one.process.send_signal(signal.SIGCONT)
            one.stopped = False
        self.rest()
        if self.wire:
            self.wire.heard()
        if self.lock_step and one.process.poll() is None:
            one.stopped = True
            one.process.send_signal(signal.SIGSTOP)
            os.waitpid(one.process.pid, os.WUNTRACED)   # or it might still hear what comes

    def rest(self):
        """Waits until all that may act sleep or have ended: three times the same."""
        end, before, same = time.monotonic() + DEADLINE, None, 0
        while same < 3:
            now = [one.rests() for one in self.programs if not one.stopped]
            same = same + 1 if now == before and all(now) else 0
            before = now
            if time.monotonic() > end:
                raise TimeoutError(f'not at rest after {DEADLINE} seconds')
            time.sleep(0.005)
        self.ports |= {one['own'] for client in self.programs if client.side == 'client'
                       for one in client.sockets(self.protocol) if one['own']}

    def talk(self, server, client, typed, kind=Program):
        """A whole conversation."""
        self.start('server', server, kind)
        self.start('client', client, kind)
        self.turn('server')
        for line in typed:
            self.programs[1].type(line)
            for side in 'client', 'server', 'client':
                self.turn(side)
        return self.programs


def conversation(protocol, languages, typed, folder, wire=None, kind=Program, port=None,
                 wrapper=None):
    """Lets a pair talk, which must end well: both screens and the packets, masked, and the
    client's ports. A wrapper gives the words to run a side under, without lock step."""
    name = '{}, server in {}, client in {}'.format(protocol, *languages)
    sides = dict(zip(('server', 'client'), languages))
    words = [(wrapper(side) if wrapper else []) + command(language, f'{protocol}-{side}', port)
             for side, language in sides.items()]
    try:
        with Pair(protocol, folder, not wrapper, wire) as pair:
            programs = pair.talk(*words, typed, kind)
            for one, usual in zip(programs, (None, 0)):
                status, last = one.process.poll(), ''.join(one.messages().splitlines()[-1:])
                if status != usual or last:
                    ends = 'still runs' if status is None else f'ended with {status}'
                    sys.exit(f"{name}: the {one.side} {ends}{last and ' and says: ' + last}")
            shown = {f"{one.side}'s screen": mask.masked(one.screen(), pair.ports)
                     for one in programs}
            if wire:
                shown['packets'] = wire.text()
            return {'name': name, 'sides': sides, 'ports': pair.ports, 'shown': shown}
    except (TimeoutError, ValueError) as wrong:
        sys.exit(f'{name}: {wrong}')


def difference(what, expected, came, edit):
    """In a few words, where two texts differ; '' where they do not."""
    for one, other in itertools.zip_longest(expected.split('\n'), came.split('\n')):
        if one != other:
            return (f'{what}\n  expected  {str(one)[:200]!r}\n  came      {str(other)[:200]!r}\n'
                    f'  edit      {edit}')
    return ''


def differences(protocol, pythons, others):
    """For all that a conversation has shown, how it differs from Python's."""
    rust = [f'{protocol}-{side}/src/main.rs' for side, language in others['sides'].items()
            if language == 'rust']
    return {what: difference(f"{others['name']}: the {what}, expected as Python's", text,
                             others['shown'][what], ' or '.join(rust) + ', or its half')
            for what, text in pythons['shown'].items()}


def title(text):
    return f"{os.environ['bold']}── {text} {'─' * (76 - len(text))}{os.environ['plain']}"
