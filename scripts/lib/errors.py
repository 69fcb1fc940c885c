"""The table of errors.sh."""
import os
import shutil
import socket
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from join import TOP
from pair import free_port, lead, title

HERE = '127.0.0.1'
ANY = subprocess.DEVNULL
wrong = []


def bound(port=0, kind=socket.SOCK_STREAM):
    """A socket: one that does not listen yet."""
    sock = socket.socket(type=kind)
    sock.bind((HERE, port))
    sock.settimeout(60)
    return sock


def types(line):
    """What is done to a program: a line is typed on its keyboard."""
    def act(program):
        with suppress(BrokenPipeError):  # it has ended
            program.stdin.write(line.encode() + b'\n')
    return act


def is_reset(answer=False, end=False):
    """The same for a client whose line draws a reset; before that, the peer may send an
    answer, and its end (a FIN). After an answer the next line is typed."""
    def act(client):
        types('hello')(client)
        connection = resetting.accept()[0]
        message = connection.recv(1024)
        if answer:
            connection.send(message)
        if end:
            connection.shutdown(socket.SHUT_WR)
        # To linger for 0 seconds is to close by a reset.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        connection.close()
        if answer:
            types('again')(client)
    return act


def run(words, act, screen):
    """The exit status, and what stands on standard error."""
    with subprocess.Popen([*map(str, words)], bufsize=0, stdin=subprocess.PIPE, stdout=screen,
                          stderr=subprocess.PIPE) as one:
        act(one)
        try:
            messages = one.communicate(timeout=60)[1]
        except subprocess.TimeoutExpired:
            one.kill()
            sys.exit(f'this does not fail: {words}')
    return str(one.returncode), messages.decode().splitlines() or ['']


def of(name):
    """Begins the rows about a program."""
    global program
    program = name
    print(title(name))
    print('{bold}arranged            Python Rust  name          text{plain}'.format(**os.environ))


def row(what, call, peer, host=HERE, act=types('hello'), screen=ANY, limit=()):
    """One failure, in Python and in Rust: the call that fails, and a port or who has it."""
    port = peer if isinstance(peer, int) else peer.getsockname()[1]
    half = TOP / program / f"{program.replace('-', '_')}.py"
    errors = run([*limit, sys.executable, '-u', TOP / 'scripts/lib/error_of_half.py', half, port,
                  host], act, screen)[1]
    answers = [line.split('\t') for line in errors if line.count('\t') == 2]
    if not answers:
        sys.exit(f'{program}, {what}: no answer, but: {errors[-1]}')
    number, name, text = answers[0]
    status, messages = run([*limit, f"{os.environ['bin']}/{program}", host, port], act, screen)
    message = messages[-1]
    expected, end = number, f'{text} (os error {number})'
    start = f'{program}: {call} {host}:{port}: ' if screen == ANY else f'{program}: {call}: '
    if name == 'gaierror':
        expected, end = '1', ''
    elif name == 'OverflowError':
        expected, start, end = '2', f'usage: {program} ', ''
    elif name == 'EAGAIN':  # plainer than the text
        end = f'no reply within 5 seconds (os error {number})'
    heard = message.startswith(start) and message.endswith(end)
    if call is None:  # nobody is there to hear
        heard, start, end = not message, '', ''
    fine = heard and status == expected != '0'
    colour, plain = os.environ['green' if fine else 'red'], os.environ['plain']
    ours = f"{colour}{status if fine else '!' + status:>4}{plain}"
    print(f'{what:<19} {number:>6} {ours}  {name:<13} {text}', flush=True)
    if not fine:
        wrong.append(f"{program}, {what}: status {status}, expected {expected}; message "
                     f"'{message}', expected '{start}…{end}'")


def skipped(what, why):
    """A row that cannot be had here."""
    print(f'{what:<19} SKIPPED: {why}')


def low_port():
    first = Path('/proc/sys/net/ipv4/ip_unprivileged_port_start')
    root = hasattr(os, 'getuid') and os.getuid() == 0
    if first.exists() and int(first.read_text()) <= 1:
        skipped('a low port', 'here any user may bind it')
    elif root and not shutil.which('setpriv'):
        skipped('a low port', 'root may bind it, and there is no setpriv')
    else:
        limit = ['setpriv', '--bounding-set=-net_bind_service'] if root else []
        row('a low port', 'bind', 1, limit=limit)


lead()
port = free_port()  # for TCP and UDP
deaf, busy, silent, resetting = bound(), bound(port), bound(port, socket.SOCK_DGRAM), bound()
busy.listen()
resetting.listen()

of('tcp-client')
row('nobody listens', 'connect', deaf)
if sys.platform == 'linux':
    row('a broadcast address', 'connect', busy, '127.255.255.255')
else:
    skipped('a broadcast address', 'elsewhere this need not fail')
row('a reset', 'recv', resetting, act=is_reset())
row('reset, then a line', 'send', resetting, act=is_reset(answer=True))
row('end, reset, a line', 'send', resetting, act=is_reset(answer=True, end=True))
row('an unknown host', 'getaddrinfo', busy, 'nosuch.invalid')
row('port 65536', '', 65536)
reader, closed = os.pipe()
os.close(reader)
row('a closed screen', None, busy, screen=closed)
if Path('/dev/full').exists():
    with open('/dev/full', 'wb') as full:
        row('a full screen', 'write to standard output', busy, screen=full)
else:
    skipped('a full screen', 'there is no /dev/full')

of('udp-client')
row('nobody answers', 'recvfrom', busy)
row('a broadcast address', 'sendto', busy, '127.255.255.255')
row('a too long line', 'sendto', busy, act=types(' ' * 65508))  # a datagram holds 65507 bytes
row('an unknown host', 'getaddrinfo', busy, 'nosuch.invalid')
row('port 65536', '', 65536)

for server in 'tcp-server', 'udp-server':
    of(server)
    row('a port in use', 'bind', busy)
    row('an address not ours', 'bind', busy, '192.0.2.1')
    low_port()
    row('an unknown host', 'getaddrinfo', busy, 'nosuch.invalid')
    row('port 65536', '', 65536)
sys.exit('\n'.join(wrong) or 0)
