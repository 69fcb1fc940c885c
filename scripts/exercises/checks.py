"""The checks of the exercises. Each runs the student's programs and is their peer. It looks at what
they send and print, never at their source, and raises as a sentence what is missing first."""
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path
from socket import SHUT_WR, SOCK_DGRAM, SOCK_STREAM, create_connection, socket

sys.path.append(str(Path(__file__).resolve().parents[1] / 'lib'))
from mask import STAMP                                              # noqa: E402
from programs import TOP, Program, free_port, python_command        # noqa: E402

HOST = '127.0.0.1'
LIMIT = 14  # seconds for a check
EXERCISES = {'shout': ['udp-server'], 'patience': ['tcp-client'],
             'whole': ['tcp-server', 'tcp-client'], 'two': ['tcp-server'],
             'silence': ['tcp-server'], 'trust': ['udp-client']}


class Missing(Exception):
    """What a program does not do yet."""


def file_of(program, language):
    """The path of a program's source, from the top folder."""
    name = f"{program.replace('-', '_')}.py" if language == 'python' else 'src/main.rs'
    return Path(program, name)


def files_of(exercise, language):
    return [file_of(program, language) for program in EXERCISES[exercise]]


def is_changed(exercise, language):
    """Whether a source is another than the one that came with this project."""
    known = dict(line.split()[::-1] for line in
                 (TOP / 'scripts/exercises/originals.sha256').read_text().splitlines())
    return any(hashlib.sha256((TOP / path).read_bytes().replace(b'\r\n', b'\n')).hexdigest()
               != known[path.as_posix()] for path in files_of(exercise, language))


def built(program):
    """The path of a Rust program. What the compiler says goes to the terminal."""
    command = 'cargo build --quiet --message-format json-render-diagnostics --package'
    try:
        cargo = subprocess.run([*command.split(), program], cwd=TOP, stdout=subprocess.PIPE)
    except FileNotFoundError:
        raise Missing('cargo is missing; get it from https://rustup.rs') from None
    if cargo.returncode:
        raise Missing('it does not compile; see above what the compiler says')
    paths = [json.loads(line).get('executable') for line in cargo.stdout.splitlines()]
    return next(filter(None, paths))


def own_host(program):
    """The client's own HOST: `localhost` or 127.0.0.1, as the student likes."""
    text = (TOP / file_of(program, 'python')).read_text(encoding='utf-8')
    found = re.search(r'''(?m)^HOST = ['"](localhost|127\.0\.0\.1)['"]''', text)
    return found[1] if found else HOST


class Student:
    """The student's programs in one language, and the time that is left for a check."""

    def __init__(self, language, folder):
        self.language, self.folder, self.running = language, folder, []
        self.end = time.monotonic() + LIMIT

    def start(self, program, port, host=HOST):
        begun = time.monotonic()
        argv = python_command(program, [host, port])
        if self.language == 'rust':
            argv = [built(program), host, port]
        self.end += time.monotonic() - begun
        environment = {**os.environ, 'PYTHONIOENCODING': 'utf-8', 'RUST_BACKTRACE': '0'}
        self.running.append(Program(program, argv, self.folder, env=environment))
        return self.running[-1]

    def start_server(self, program):
        """Starts it on a free port, and returns that."""
        port = free_port()
        self.start(program, port)
        return port

    def until(self, condition, seconds, otherwise=None):
        """Waits until a condition is true, and returns its value; otherwise that is missing."""
        end = min(time.monotonic() + seconds, self.end)
        while time.monotonic() < end:
            with suppress(OSError):
                result = condition()
                if result:
                    return result
            time.sleep(0.02)
        if time.monotonic() > self.end:
            raise Missing('the time for this check is over; is this machine busy?')
        if otherwise:
            raise Missing(otherwise)
        return None

    def client(self, port):
        return self.until(lambda: create_connection((HOST, port), 1), 5,
                          'the server does not accept a client')

    def gets_reply(self, client, text, otherwise):
        """The client sends something and gets it back with one timestamp; otherwise …"""
        received = ''
        client.settimeout(max(0.1, min(2, self.end - time.monotonic())))
        with suppress(OSError):
            client.sendall(text.encode())
            for data in iter(lambda: client.recv(1024), b''):
                received += data.decode('utf-8', 'replace')
                if re.fullmatch(STAMP + text, received):
                    return
        self.until(lambda: False, 0, otherwise)


def bound(kind, host=HOST, port=0):
    sock = socket(type=kind)
    sock.bind((host, port))
    sock.settimeout(0.02)
    return sock, sock.getsockname()[1]


def shout(student):
    port = student.start_server('udp-server')

    def reply(message):     # to a new socket each time: no earlier reply gets there
        with socket(type=SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.sendto(message, (HOST, port))
            return client.recv(2048).decode('utf-8', 'replace')

    def check(text):
        got = student.until(lambda: reply(text.encode()), 4, f"'{text}' gets no reply")
        rest = re.sub(STAMP, '', got, count=1)
        if rest == got:
            raise Missing(f"the timestamp must not change, but the reply was '{got}'")
        if rest not in (text.upper(), text.encode().upper().decode()):
            raise Missing(f"expected '{text.upper()}' for '{text}', got '{rest}'")
    for text in 'hello', 'Grüne Äpfel', "it's 9 o'clock":
        check(text)
    student.until(lambda: reply(b'caf\xe9'), 1)
    student.until(lambda: reply(b'hello'), 4, 'bytes that are not UTF-8 (caf\\xe9) end the server')


def patience(student):
    (late, port), (_never, no_port) = bound(SOCK_STREAM), bound(SOCK_STREAM)  # both refuse
    client, alone = student.start('tcp-client', port), student.start('tcp-client', no_port)
    begun = time.monotonic()
    student.until(alone.ended, 2)
    late.listen()
    peer = student.until(lambda: alone.ended() or late.accept()[0], 3,
                         'the client does not find a server that starts after 2 s')
    if not alone.ended():
        client.type('hello')
        peer.sendall(b'welcome')
        student.until(lambda: 'welcome' in client.output(), 2,
                      'a server that starts after 2 s is found, but its reply is not shown')
    student.until(alone.ended, 13 - (time.monotonic() - begun),
                  'without a server, the client still runs after 13 s')
    waited = time.monotonic() - begun
    if waited < 8:
        raise Missing(f'without a server, the client gives up after {waited:.1f} s, not 10')


def forward_slowly(one, other):
    """Passes bytes on as a network may do it: in pieces, one after the other."""
    with suppress(OSError):
        for data in iter(lambda: one.recv(600), b''):
            other.sendall(data)
            time.sleep(0.02)
        other.shutdown(SHUT_WR)


def whole(student):
    server_port = student.start_server('tcp-server')
    listener, port = bound(SOCK_STREAM)
    listener.listen()

    def check(who, lines):
        server, client = student.client(server_port), student.start('tcp-client', port)
        peer, _ = student.until(listener.accept, 5, 'the client does not connect')
        for one, other in (server, peer), (peer, server):
            one.settimeout(None)
            threading.Thread(target=forward_slowly, args=[one, other], daemon=True).start()

        def exchange(line):
            before, reply = len(client.output()), re.compile(f'{STAMP}{line}\n')
            client.type(line)
            if not student.until(lambda: reply.search(client.output(), before), 3):
                raise Missing(f"{who} client's line of {len(line.encode()):,} bytes is not "
                              'returned whole and with one timestamp; the client printed '
                              + repr(textwrap.shorten(client.output()[before:], 60)))
        for line in lines:
            exchange(line)
        client.type('')
        student.until(client.ended, 3, 'an empty line does not end the client any more')
    check('the', [''.join(f'{number:05}' for number in range(1000)), 'ü' * 2500, 'hello'])
    check('the next', ['hello'])


def two(student):
    port = student.start_server('tcp-server')
    first = student.client(port)
    student.gets_reply(first, 'hello', 'the first client gets no reply, though it is alone')
    second = student.client(port)
    for text in 'hello', 'again':
        student.gets_reply(second, text,
                           'the second client gets no reply while the first is connected')
    for text in 'and I', 'again':
        student.gets_reply(first, text,
                           'the first client gets no reply after the second has sent something')
    second.close()
    student.gets_reply(first, 'bye', 'the first client gets no reply after the second has left')
    student.gets_reply(student.client(port), 'hello', 'a third client gets no reply')


def silence(student):
    def is_disconnected(client, who):
        def gone():
            with suppress(ConnectionError):  # a reset disconnects it as well
                return not client.recv(1)
            return True

        begun = time.monotonic()
        client.settimeout(0.02)
        student.until(gone, 4, f'a client that {who} is still connected after 4 s')
        if time.monotonic() - begun < 1.5:
            raise Missing(f'a client that {who} is disconnected before its 2 s are over')

    port = student.start_server('tcp-server')
    is_disconnected(student.client(port), 'sends nothing')
    client = student.client(port)
    student.gets_reply(client, 'hello', 'the client after a silent one gets no reply')
    for _ in range(4):
        time.sleep(1)
        student.gets_reply(client, 'I am here',
                           'a client that sends something every second is disconnected, too')
    is_disconnected(client, 'has sent something and sends no more')


def trust(student):
    server, port = bound(SOCK_DGRAM)
    forgers = [bound(SOCK_DGRAM)[0]]
    with suppress(OSError):  # a Mac has no second address
        forgers.append(bound(SOCK_DGRAM, '127.0.0.2', port)[0])
    client = student.start('udp-client', port, own_host('udp-client'))

    def check(line):
        client.type(line)
        _, addr = student.until(lambda: server.recvfrom(1024), 5,
                                f"the client's own server does not get '{line}'")
        reply = f'[{time.ctime()}] {line}'
        for text in b'forged', b'forged, too', b'':
            for forger in forgers:
                forger.sendto(text, addr)
        server.sendto(reply.encode(), addr)
        student.until(lambda: client.ended() or reply in client.output(), 3)
        if 'forged' in client.output():
            raise Missing('the client shows a reply that came from another address')
        if client.ended():
            raise Missing('an empty reply from another address ends the client')
        if reply not in client.output():
            raise Missing("the own server's reply is not shown. If you compare addresses: is HOST "
                          '127.0.0.1, and does it receive again after a reply that it ignores?')
    for line in 'hello', 'are you still there?':
        check(line)


def verdict(name, language):
    """`solved`, or what is missing, and what the programs have printed on standard error."""
    with tempfile.TemporaryDirectory() as folder:
        student = Student(language, folder)
        try:
            globals()[name](student)
            return 'solved'
        except Missing as missing:
            time.sleep(0.3)     # a program may be exiting
            notes = [f"; {one.name} {'exited' if one.ended() else 'printed an error'}: "
                     + (one.last_message() or 'no message')
                     for one in student.running if one.ended() or one.last_message()]
            if not is_changed(name, language):
                files = ', '.join(map(str, files_of(name, language)))
                notes.append(f'; {files} is unchanged: is it the right file, and saved?')
            return f'not yet: {missing}' + ''.join(notes[-1:])
        finally:
            for program in student.running:
                program.close()
