"""The checks of the exercises. Each runs the student's programs and is their peer. It looks at what
they send and print, never at their source, and raises as a sentence what is missing first."""

from __future__ import annotations

import re
import threading
import time
from contextlib import suppress
from socket import SHUT_WR, SOCK_DGRAM, SOCK_STREAM, socket
from typing import Dict, List

from exercises.originals import is_changed, paths, shown
from exercises.student import Missing, Student, bound, own_host
from stage.mask import STAMP, times
from stage.project import HOST


def shout(student: Student) -> None:
    port = student.start_server('udp-server')

    def reply(message):  # to a new socket each time: no earlier reply gets there
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
    check(student.text())
    check(student.text())
    student.until(lambda: reply(b'caf\xe9'), 1)
    student.until(
        lambda: reply(b'hello'), 4, 'bytes that are not UTF-8 (caf\\xe9) end the server'
    )


def patience(student: Student) -> None:
    (late, port), (_never, no_port) = (
        bound(SOCK_STREAM),
        bound(SOCK_STREAM),
    )  # both refuse
    client = student.start('tcp-client', port)
    alone = student.start('tcp-client', no_port)
    begun = time.monotonic()
    student.until(alone.ended, 2)
    late.listen()
    peer = student.until(
        lambda: alone.ended() or late.accept()[0],
        3,
        'the client does not find a server that starts after 2 s',
    )
    if not alone.ended():
        client.type('hello')
        peer.sendall(b'welcome')
        student.until(
            lambda: 'welcome' in client.output(),
            2,
            'a server that starts after 2 s is found, but its reply is not shown',
        )
    if not student.until(alone.ended, 13 - (time.monotonic() - begun)):
        last = alone.output().splitlines()[-1:]
        raise Missing(
            'without a server, the client still runs after 13 s; '
            + (f'it printed last: {last[0]!r}' if last else 'it printed nothing')
        )
    waited = time.monotonic() - begun
    if waited < 8:
        raise Missing(
            f'without a server, the client gives up after {waited:.1f} s, not 10'
        )


def forward_slowly(one: socket, other: socket) -> None:
    """Passes bytes on as a network may do it: in pieces, one after the other."""
    with suppress(OSError):
        for data in iter(lambda: one.recv(600), b''):
            other.sendall(data)
            time.sleep(0.02)
        other.shutdown(SHUT_WR)


def printed(output: str, line: str) -> str:
    """How much of a line is in what a client has printed."""
    if len(line) < 60:
        return repr(output)
    text, stamps = re.subn(STAMP, '', output)
    count = len(text.replace('> ', '').replace('\n', '').encode())
    total, times = len(line.encode()), 'timestamp' + 's' * (stamps != 1)
    return f'{count:,} of {total:,} bytes and {stamps} {times}'


def whole(student: Student) -> None:
    server_port = student.start_server('tcp-server')
    listener, port = bound(SOCK_STREAM)
    listener.listen()

    def exchange(client, line):
        before = len(client.output())
        client.type(line)
        student.until(
            lambda: re.search(f'{STAMP}{line}\n', client.output()[before:]), 3
        )
        return client.output()[before:]

    def check(who, lines):
        server, client = student.client(server_port), student.start('tcp-client', port)
        peer, _ = student.until(listener.accept, 5, 'the client does not connect')
        for one, other in (server, peer), (peer, server):
            one.settimeout(None)
            threading.Thread(
                target=forward_slowly, args=[one, other], daemon=True
            ).start()
        for line in lines:
            got = exchange(client, line)
            if not re.search(f'{STAMP}{line}\n', got):
                raise Missing(
                    f"{who} client's line of {len(line.encode()):,} bytes is not returned "
                    f'whole and with one timestamp; the client printed {printed(got, line)}'
                )
        client.type('')
        student.until(client.ended, 3, 'an empty line does not end the client any more')

    numbers = ''.join(f'{number:05}' for number in range(1000))
    check('the', [numbers, 'ü' * 2500, 'hello'])
    check('the next', ['hello'])


def two(student: Student) -> None:
    port = student.start_server('tcp-server')
    clients: Dict[int, socket] = {}
    history: List[str] = []
    joins = 'connects and sends'

    def act(verb, number):
        history.append(f'{number} {verb}')
        if verb == 'leaves':
            clients.pop(number).close()
            return
        if verb == joins:
            clients[number] = student.client(port)
        what = ', '.join(history)
        student.gets_reply(
            clients[number],
            student.text(),
            f'client {number} gets no reply. What the clients did: {what}',
            5 if verb == joins else 2,  # a new process takes its time
        )

    for verb, number in (joins, 1), (joins, 2), ('sends', 1):
        act(verb, number)
    verbs = [*[joins] * 2, 'leaves', 'leaves', *['sends'] * 5]
    student.random.shuffle(verbs)
    for verb in verbs:
        known = sorted(clients)
        number = student.random.choice(known) if known else 0
        if verb == joins:
            number = max(known, default=number) + 1
        if number:
            act(verb, number)
    act(joins, 9)


def silence(student: Student) -> None:
    def is_disconnected(client, who):
        def gone():
            with suppress(ConnectionError):  # a reset disconnects it as well
                return not client.recv(1)
            return True

        begun = time.monotonic()
        client.settimeout(0.02)
        student.until(gone, 4, f'a client that {who} is still connected after 4 s')
        if time.monotonic() - begun < 1.5:
            raise Missing(
                f'a client that {who} is disconnected before its 2 s are over'
            )

    port = student.start_server('tcp-server')
    server = student.running[0]
    student.until(server.output, 3)
    if student.until(server.ended, 2.5):
        raise Missing('the server exits if no client connects for 2 s; it must wait')
    is_disconnected(student.client(port), 'sends nothing')
    client = student.client(port)
    student.gets_reply(client, 'hello', 'the client after a silent one gets no reply')
    for _ in range(4):
        time.sleep(1)
        student.gets_reply(
            client,
            'I am here',
            'a client that sends something every second is disconnected, too',
        )
    is_disconnected(client, 'has sent something and sends no more')


def trust(student: Student) -> None:
    server, port = bound(SOCK_DGRAM)
    forgers = [bound(SOCK_DGRAM)[0]]
    with suppress(OSError):  # a Mac has no second address
        forgers.append(bound(SOCK_DGRAM, '127.0.0.2', port)[0])
    client = student.start('udp-client', port, own_host('udp-client'))

    def check(line):
        client.type(line)
        _, addr = student.until(
            lambda: server.recvfrom(1024),
            5,
            f"the client's own server does not get '{line}'",
        )
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
            raise Missing(
                "the own server's reply is not shown. If you compare addresses: is HOST "
                '127.0.0.1, and does it receive again after a reply that it ignores?'
            )

    check('hello')
    check('are you still there?')


def started(student: Student) -> int:
    """The port of a UDP server that is bound."""
    port = student.start_server('udp-server')
    student.until(student.running[0].output, 5)
    return port


def reply(port: int, text: str) -> str:
    """The UDP server's reply, with [TIME] for its timestamp."""
    with socket(type=SOCK_DGRAM) as client, suppress(OSError):
        client.settimeout(3)
        client.sendto(text.encode('utf-8', 'surrogateescape'), (HOST, port))
        return times(client.recv(2048).decode('utf-8', 'surrogateescape'))
    raise Missing(f'{text!r} gets no reply')


def replies(port: int, text: str, expected: str) -> None:
    got = reply(port, text)
    if got != expected:
        raise Missing(f'expected {expected!r} as the reply to {text!r}, got {got!r}')


def before(student: Student) -> None:
    port, last = started(student), ''
    for text in 'hi', 'hello', student.text(), '', student.text(), 'caf\udce9', 'hi':
        replies(port, text, f'[TIME] {text}{last}')
        last = f' (before: {text})'


def strict(student: Student) -> None:
    server, port = bound(SOCK_STREAM)
    server.listen()
    client = student.start('tcp-client', port)
    peer, _ = student.until(server.accept, 5, 'the client does not connect')
    client.type('hello')
    peer.sendall('é'.encode())
    student.until(lambda: 'é' in client.output(), 3, "the reply 'é' is not shown")
    client.type('hello')
    peer.sendall(b'caf\xe9')
    what = 'a reply that is not UTF-8 (caf\\xe9)'
    student.until(client.ended, 3, f'{what} does not end the client')
    status = client.process.poll()
    if not status:
        raise Missing(
            f'{what} ends the client with exit status 0; an error has another'
        )
    if status == 101:
        raise Missing(f'{what} makes the client panic; return an error instead')
    if not client.last_message():
        raise Missing(f'{what} ends the client without a message')


def menu(student: Student) -> None:
    port = started(student)
    got = reply(port, 'time')
    if times(f'[{got}] ') != '[TIME] ':
        raise Missing(f"expected the time alone as the reply to 'time', got {got!r}")
    for text in 'hello', 'Zwölf Boxkämpfer', '', student.text(), 'caf\udce9':
        count = len(text.encode('utf-8', 'surrogateescape'))
        replies(port, f'length {text}', str(count))
    for text in 'hello', 'Time', 'time ', 'length', student.text(), '':
        replies(port, text, f'[TIME] {text}')


CHECKS = {
    one.__name__: one
    for one in (shout, patience, whole, two, silence, trust, before, strict, menu)
}


def verdict(name: str, student: Student) -> str:
    """`solved`, or what is missing, and what the programs have printed on standard error."""
    with student:
        try:
            CHECKS[name](student)
            return 'solved'
        except Missing as missing:
            time.sleep(0.3)  # a program may be exiting
            notes = list(student.notes())
            if not is_changed(name, student.language):
                files = ', '.join(map(shown, paths(name, student.language)))
                notes = [f'{files} is unchanged: is it the right file, and saved?']
            text = '; '.join([f'not yet: {missing}', *notes])
            repeat = f' (to repeat this check: --seed {student.seed})'
            return text + repeat * student.has_chosen
