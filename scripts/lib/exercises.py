"""The checks of the exercises: exercises.py FOLDER NAME [python|rust], see exercise.sh.

A check runs the student's programs and is their peer. It looks at what comes back and at
the screen, never at the source, and raises what is missing first as a sentence.
"""
import json
import re
import signal
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from socket import SHUT_WR, SOCK_DGRAM, SOCK_STREAM, create_connection, socket

from pair import TOP, Program, free_port, python_command

HOST = '127.0.0.1'
LIMIT = 14  # seconds for a check
STAMP = r'\[[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}\] '
EXERCISES = {'shout': ['udp-server'], 'patience': ['tcp-client'],
             'whole': ['tcp-server', 'tcp-client'], 'two': ['tcp-server'],
             'silence': ['tcp-server'], 'trust': ['udp-client']}


class Missing(Exception):
    """What a program does not do yet."""


def built(program):
    """The path of a Rust program. What the compiler says goes to the screen."""
    command = 'cargo build --quiet --message-format json-render-diagnostics --package'
    try:
        cargo = subprocess.run([*command.split(), program], cwd=TOP, stdout=subprocess.PIPE)
    except FileNotFoundError:
        raise Missing('there is no cargo; get it from https://rustup.rs') from None
    if cargo.returncode:
        raise Missing('it does not compile; what the compiler says stands above')
    paths = [json.loads(line).get('executable') for line in cargo.stdout.splitlines()]
    return next(filter(None, paths))


def bound(kind, host=HOST, port=0):
    sock = socket(type=kind)
    sock.bind((host, port))
    sock.settimeout(0.02)
    return sock, sock.getsockname()[1]


class Student:
    """The student's programs in one language, and the time that is left for a check."""

    def __init__(self, language, folder):
        self.language, self.folder, self.running = language, folder, []
        self.end = time.monotonic() + LIMIT

    def start(self, program, port, host=HOST):
        begun = time.monotonic()
        half = TOP / program / f"{program.replace('-', '_')}.py"
        words = ([built(program), host, port] if self.language == 'rust' else
                 [*python_command(half, port), host])
        self.end += time.monotonic() - begun
        self.running.append(Program(program, words, self.folder))
        return self.running[-1]

    def until(self, condition, seconds, otherwise=None):
        """What the condition comes to as soon as it is true; otherwise that is missing."""
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

    def client(self, port):
        return self.until(lambda: create_connection((HOST, port), 1), 5,
                          'the server takes no connection')

    def answers(self, client, words, otherwise):
        """The client says something and gets it back with one stamp; otherwise …"""
        heard = ''
        client.settimeout(max(0.1, min(2, self.end - time.monotonic())))
        with suppress(OSError):
            client.sendall(words.encode())
            for data in iter(lambda: client.recv(1024), b''):
                heard += data.decode('utf-8', 'replace')
                if re.fullmatch(STAMP + words, heard):
                    return
        self.until(lambda: False, 0, otherwise)


def ended(program):
    return program.process.poll() is not None


def last_words(program):
    lines = [line for line in program.messages().splitlines() if not line.startswith('note:')]
    where = re.findall(r'(?:server|client)\.py", (line \d+)', program.messages())
    return ', '.join([f'; the {program.side} ended', *where[-1:], *lines[-1:]])


def shout(student):
    port = free_port()
    student.start('udp-server', port)

    def answer(message):  # to a new socket each time: no earlier answer comes there
        with socket(type=SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.sendto(message, (HOST, port))
            return client.recv(2048).decode('utf-8', 'replace')

    for text in 'hello', 'Grüne Äpfel', "it's 9 o'clock":
        heard = student.until(lambda: answer(text.encode()), 4, f"'{text}' gets no answer")
        rest = re.sub(STAMP, '', heard, count=1)
        if rest == heard:
            raise Missing(f"the stamp is to stay as it is, and the answer is '{heard}'")
        if rest not in (text.upper(), text.encode().upper().decode()):
            raise Missing(f"'{text}' comes back as '{rest}', not as '{text.upper()}'")
    student.until(lambda: answer(b'caf\xe9'), 1)
    student.until(lambda: answer(b'hello'), 4, 'bytes that are no UTF-8 (caf\\xe9) end the server')


def patience(student):
    (late, port), (_never, no_port) = bound(SOCK_STREAM), bound(SOCK_STREAM)  # both refuse
    client, alone = student.start('tcp-client', port), student.start('tcp-client', no_port)
    begun = time.monotonic()
    student.until(lambda: ended(alone), 2)
    late.listen()
    peer = student.until(lambda: ended(alone) or late.accept()[0], 8,
                         'the client does not find a server that comes after 2 s')
    if not ended(alone):
        client.type('hello')
        peer.sendall(b'welcome')
        student.until(lambda: 'welcome' in client.screen(), 2,
                      'a server that comes after 2 s is found, but its reply is not shown')
    student.until(lambda: ended(alone), 13 - (time.monotonic() - begun),
                  'where no server comes, the client has not given up after 13 s')
    waited = time.monotonic() - begun
    if waited < 8:
        raise Missing(f'where no server comes, the client gives up after {waited:.1f} s, not 10')


def slowly(one, other):
    """Passes bytes on as a network may do it: in pieces, one after the other."""
    with suppress(OSError):
        for data in iter(lambda: one.recv(600), b''):
            other.sendall(data)
            time.sleep(0.02)
        other.shutdown(SHUT_WR)


def whole(student):
    server_port = free_port()
    student.start('tcp-server', server_port)
    listener, port = bound(SOCK_STREAM)
    listener.listen()
    digits = ''.join(f'{number:05}' for number in range(1000))
    for who, lines in ('the', [digits, 'ü' * 2500, 'hello']), ('the next', ['hello']):
        server, client = student.client(server_port), student.start('tcp-client', port)
        peer, _ = student.until(listener.accept, 5, 'the client does not connect')
        for one, other in (server, peer), (peer, server):
            one.settimeout(None)
            threading.Thread(target=slowly, args=[one, other], daemon=True).start()
        for line in lines:
            before, reply = len(client.screen()), re.compile(f'{STAMP}{line}\r?\n')
            client.type(line)
            student.until(lambda: reply.search(client.screen(), before), 3,
                          f"{who} client's line of {len(line.encode()):,} bytes does not "
                          'come back whole and with one stamp')
        client.type('')
        student.until(lambda: ended(client), 3, 'an empty line does not end the client any more')


def two(student):
    port = free_port()
    student.start('tcp-server', port)
    first = student.client(port)
    student.answers(first, 'hello', 'the first client gets no answer, though it is alone')
    second = student.client(port)
    for words in 'hello', 'again':
        student.answers(second, words, 'the second client gets no answer while the first is there')
    for words in 'and I', 'again':
        student.answers(first, words, 'the first client gets no answer after the second has spoken')
    second.close()
    student.answers(first, 'bye', 'the first client gets no answer after the second has left')
    student.answers(student.client(port), 'hello', 'a third client gets no answer')


def silence(student):
    def let_go(client, who):
        def gone():
            with suppress(ConnectionError):  # a reset ends it as well
                return not client.recv(1)
            return True

        begun = time.monotonic()
        client.settimeout(0.02)
        student.until(gone, 4, f'a client that {who} is still connected after 4 s')
        if time.monotonic() - begun < 1.5:
            raise Missing(f'a client that {who} is let go before its 2 s are over')

    port = free_port()
    student.start('tcp-server', port)
    let_go(student.client(port), 'says nothing')
    client = student.client(port)
    student.answers(client, 'hello', 'the client after a silent one gets no answer')
    for _ in range(4):
        time.sleep(1)
        student.answers(client, 'I am here', 'a client that speaks every second is let go, too')
    let_go(client, 'has spoken and says no more')


def trust(student):
    server, port = bound(SOCK_DGRAM)
    forgers = [bound(SOCK_DGRAM)[0]]
    with suppress(OSError):  # a Mac has no second address
        forgers.append(bound(SOCK_DGRAM, '127.0.0.2', port)[0])
    client = student.start('udp-client', port, 'localhost')
    for line in 'hello', 'are you still there?':
        client.type(line)
        _, addr = student.until(lambda: server.recvfrom(1024), 5,
                                f"the server that was asked does not get '{line}'")
        reply = f'[{time.ctime()}] {line}'
        for words in b'forged', b'forged, too', b'':
            for forger in forgers:
                forger.sendto(words, addr)
        server.sendto(reply.encode(), addr)
        student.until(lambda: ended(client) or reply in client.screen(), 3)
        if 'forged' in client.screen():
            raise Missing('the client shows a reply that came from another address')
        if ended(client):
            raise Missing('an empty reply from another address ends the client')
        if reply not in client.screen():
            raise Missing('the reply of the server that was asked is not shown; recvfrom says '
                          'that it comes from 127.0.0.1, not from localhost')


def verdict(name, language, folder):
    student = Student(language, folder)
    try:
        globals()[name](student)
        return 'solved'
    except Missing as missing:
        time.sleep(0.3)  # a program may be on its way to its end
        ends = [last_words(one) for one in student.running if one.process.poll()]
        return f'not yet: {missing}' + ''.join(ends[-1:])
    finally:
        for program in student.running:
            program.end()


def changed(name, language):
    """Whether git finds a change since the last commit."""
    files = [f"{program}/*.{'rs' if language == 'rust' else 'py'}" for program in EXERCISES[name]]
    with suppress(FileNotFoundError):
        git = ['git', 'diff', '--quiet', 'HEAD', '--', *files]
        return subprocess.run(git, cwd=TOP, stderr=subprocess.DEVNULL).returncode == 1


def main(folder, name, *languages):
    both = ['python', 'rust']
    languages = languages or [one for one in both if changed(name, one)] or both
    with ThreadPoolExecutor() as pool:
        verdicts = list(pool.map(lambda one: verdict(name, one, folder), languages))
    for language, text in zip(languages, verdicts):
        print(textwrap.fill(f'{language:7} {text}', 80, subsequent_indent=' ' * 8,
                            break_on_hyphens=False))
    return set(verdicts) != {'solved'}


signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends all at once
sys.exit(main(*sys.argv[1:]))
