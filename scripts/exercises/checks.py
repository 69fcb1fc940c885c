"""The checks of the exercises. Each runs the student's programs and is their peer. It looks at what
they send and print, never at their source, and raises as a sentence what is missing first."""

import re
import time
from contextlib import suppress
from socket import SHUT_WR, SOCK_DGRAM, SOCK_STREAM, socket
from threading import Thread

from exercises.originals import is_changed, path_of, paths, shown
from exercises.student import Missing, bound, need
from stage import source
from stage.mask import STAMP, times
from stage.project import HOST


def answer(port, message):
    """What the UDP server returns, in a list. The socket is new: no earlier reply gets there."""
    with socket(type=SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.sendto(message, (HOST, port))
        return [client.recv(2048)]


def reply(student, port, text):
    """The UDP server's reply, with [TIME] for its timestamp."""
    message = text.encode('utf-8', 'surrogateescape')
    missing = f'{text!r} gets no reply'
    data = student.until(lambda: answer(port, message), 5, missing)[0]
    return times(data.decode('utf-8', 'surrogateescape'))


def replies(student, port, text, expected):
    got = reply(student, port, text)
    need(
        got == expected,
        f'expected {expected!r} as the reply to {text!r}, got {got!r}',
    )


def shout(student):
    port = student.start_server('udp-server')
    for text in 'hello', 'Grüne Äpfel', "it's 9 o'clock", '', '':
        text = text or student.text()
        got = reply(student, port, text)
        rest = got.replace('[TIME] ', '', 1)
        need(rest != got, f"the timestamp must not change, but the reply was '{got}'")
        need(
            rest in (text.upper(), text.encode().upper().decode()),
            f"expected '{text.upper()}' for '{text}', got '{rest}'",
        )
    student.until(lambda: answer(port, b'caf\xe9'), 1)
    missing = 'bytes that are not UTF-8 (caf\\xe9) end the server'
    student.until(lambda: answer(port, b'hello'), 4, missing)


def patience(student):
    late, port = bound(SOCK_STREAM)  # it refuses until it listens
    _never, no_port = bound(SOCK_STREAM)
    client = student.start('tcp-client', port)
    alone = student.start('tcp-client', no_port)
    begun = time.monotonic()
    if not student.until(alone.ended, 2):
        late.listen()
        peer, _ = student.until(
            late.accept, 3, 'the client does not find a server that starts after 2 s'
        )
        client.type('hello')
        peer.sendall(b'welcome')
        student.until(
            lambda: 'welcome' in client.output(),
            2,
            'a server that starts after 2 s is found, but its reply is not shown',
        )
        student.until(alone.ended, 13 - (time.monotonic() - begun))
    waited = time.monotonic() - begun
    last = ['', *alone.output().splitlines()][-1]
    text = f'last: {last!r}' if last else 'nothing'
    need(
        alone.ended(),
        f'without a server, the client still runs after 13 s; it printed {text}',
    )
    need(
        waited > 8,
        f'without a server, the client gives up after {waited:.1f} s, not 10',
    )


def forward_slowly(one, other):
    """Passes bytes on as a network may do it: in pieces, one after the other."""
    with suppress(OSError):
        for data in iter(lambda: one.recv(600), b''):
            other.sendall(data)
            time.sleep(0.02)
        other.shutdown(SHUT_WR)


def printed(output, line):
    """How much of a line is in what a client has printed."""
    if len(line) < 60:
        return repr(output)
    text, stamps = re.subn(STAMP, '', output)
    count = len(text.replace('> ', '').replace('\n', '').encode())
    times = 'timestamp' if stamps == 1 else 'timestamps'
    return f'{count:,} of {len(line.encode()):,} bytes and {stamps} {times}'


def whole(student):
    server_port = student.start_server('tcp-server')
    listener, port = bound(SOCK_STREAM)
    listener.listen()

    def exchange(who, client, line):
        pattern, before = re.compile(f'{STAMP}{line}\n'), len(client.output())
        client.type(line)
        is_whole = student.until(lambda: pattern.search(client.output(), before), 3)
        need(
            is_whole,
            f"{who} client's line of {len(line.encode()):,} bytes is not returned whole "
            'and with one timestamp; the client printed '
            + printed(client.output()[before:], line),
        )

    def check(who, lines):
        server, client = student.client(server_port), student.start('tcp-client', port)
        peer, _ = student.until(listener.accept, 5, 'the client does not connect')
        for ends in (server, peer), (peer, server):
            ends[0].settimeout(None)
            Thread(target=forward_slowly, args=ends, daemon=True).start()
        for line in lines:
            exchange(who, client, line)
        client.type('')
        student.until(client.ended, 3, 'an empty line does not end the client any more')

    check(
        'the', [''.join(f'{number:05}' for number in range(1000)), 'ü' * 2500, 'hello']
    )
    check('the next', ['hello'])


def two(student):
    port = student.start_server('tcp-server')
    clients, history = {}, []
    joins = 'connects and sends'

    def act(number, verb):
        history.append(f'{number} {verb}')
        if verb == 'leaves':
            clients.pop(number).close()
            return
        if verb == joins:
            clients[number] = student.client(port)
        missing = f'client {number} gets no reply. What the clients did: '
        missing += ', '.join(history)
        student.gets_reply(clients[number], student.text(), missing)

    for number, verb in (1, joins), (2, joins), (1, 'sends'), (3, joins):
        act(number, verb)
    verbs = [joins, *['leaves'] * 2, *['sends'] * 5]
    student.random.shuffle(verbs)
    for verb in verbs:
        act(4 if verb == joins else student.random.choice(sorted(clients)), verb)
    for number in sorted(clients):
        act(number, 'leaves')
    act(5, joins)


def silence(student):
    def is_disconnected(client, who):
        def gone():
            with suppress(ConnectionError):  # a reset disconnects it as well
                return not client.recv(1)
            return True

        begun = time.monotonic()
        client.settimeout(0.02)
        student.until(gone, 4, f'a client that {who} is still connected after 4 s')
        need(
            time.monotonic() - begun > 1.5,
            f'a client that {who} is disconnected before its 2 s are over',
        )

    port = student.start_server('tcp-server')
    server = student.running[0]
    student.until(server.output, 3)
    need(
        not student.until(server.ended, 2.5),
        'the server exits if no client connects for 2 s; it must wait',
    )
    is_disconnected(student.client(port), 'sends nothing')
    client = student.client(port)
    student.gets_reply(client, 'hello', 'the client after a silent one gets no reply')
    missing = 'a client that sends something every second is disconnected, too'
    for _ in range(4):
        time.sleep(1)
        student.gets_reply(client, 'I am here', missing)
    is_disconnected(client, 'has sent something and sends no more')


def own_host(program):
    """The Python client's own HOST: `localhost` or 127.0.0.1, as the student likes."""
    with suppress(SyntaxError, ValueError):
        text = source.read(path_of(program, 'python'))
        if source.assigned(text, 'HOST') == 'localhost':
            return 'localhost'
    return HOST


def trust(student):
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
        need(
            'forged' not in client.output(),
            'the client shows a reply that came from another address',
        )
        need(not client.ended(), 'an empty reply from another address ends the client')
        need(
            reply in client.output(),
            "the own server's reply is not shown. If you compare addresses: is HOST "
            '127.0.0.1, and does it receive again after a reply that it ignores?',
        )

    check('hello')
    check('are you still there?')


def before(student):
    port = student.start_server('udp-server')
    student.until(student.running[0].output, 5)  # no text must be sent twice
    last = ''
    for text in 'hi', 'hello', student.text(), '', student.text(), 'caf\udce9', 'hi':
        replies(student, port, text, f'[TIME] {text}{last}')
        last = f' (before: {text})'


def strict(student):
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
    need(status, f'{what} ends the client with exit status 0; an error has another')
    need(status != 101, f'{what} makes the client panic; return an error instead')
    need(client.last_message(), f'{what} ends the client without a message')


def menu(student):
    port = student.start_server('udp-server')
    got = reply(student, port, 'time')
    alone = times(f'[{got}] ') == '[TIME] '
    need(alone, f"expected the time alone as the reply to 'time', got {got!r}")
    for text in 'hello', 'Zwölf Boxkämpfer', '', student.text(), 'caf\udce9':
        count = len(text.encode('utf-8', 'surrogateescape'))
        replies(student, port, f'length {text}', str(count))
    for text in 'hello', 'Time', 'time ', 'length', student.text(), '':
        replies(student, port, text, f'[TIME] {text}')


CHECKS = {
    one.__name__: one
    for one in (shout, patience, whole, two, silence, trust, before, strict, menu)
}


def verdict(name, student):
    """`solved`, or what is missing, and what the programs have printed on standard error."""
    try:
        CHECKS[name](student)
        return 'solved'
    except Missing as missing:
        time.sleep(0.3)  # a program may be exiting
        notes = list(student.notes())
        if not is_changed(name, student.language):
            files = shown(paths(name, student.language))
            notes = [f'{files} is unchanged: is it the right file, and saved?']
        text = '; '.join([f'not yet: {missing}', *notes])
        repeat = f' (to repeat this check: --seed {student.seed})'
        return text + repeat * student.has_chosen
    finally:
        student.close()
