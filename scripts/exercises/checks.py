"""The checks of the exercises. Each runs the student's programs and is their peer. It looks at what
they send and print, never at their source, and raises as a sentence what is missing first."""

import re
import time
from contextlib import suppress
from socket import SHUT_WR, SOCK_DGRAM, SOCK_STREAM, socket
from threading import Thread

from exercises.originals import is_changed, path_of, paths, shown
from exercises.student import Missing, bound, need, say
from stage import source
from stage.mask import STAMP, times
from stage.project import HOST
from stage.words import words


def answer(port, message):
    """What the UDP server returns, in a list. The socket is new: no earlier reply gets there."""
    with socket(type=SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.sendto(message, (HOST, port))
        return [client.recv(2048)]


def reply(student, port, text):
    """The UDP server's reply, with [TIME] for its timestamp."""
    message = text.encode('utf-8', 'surrogateescape')
    data = student.until(lambda: answer(port, message), 5, 'no reply', text=text)[0]
    return times(data.decode('utf-8', 'surrogateescape'))


def replies(student, port, text, expected):
    got = reply(student, port, text)
    need(got == expected, 'wrong reply', expected=expected, text=text, got=got)


def shout(student):
    port = student.start_server('udp-server')
    for text in 'hello', 'Grüne Äpfel', "it's 9 o'clock", '', '':
        text = text or student.text()
        got = reply(student, port, text)
        rest = got.replace('[TIME] ', '', 1)
        need(rest != got, 'no timestamp', got=got)
        need(
            rest in (text.upper(), text.encode().upper().decode()),
            'wrong',
            expected=text.upper(),
            text=text,
            got=rest,
        )
    student.until(lambda: answer(port, b'caf\xe9'), 1)
    student.until(lambda: answer(port, b'hello'), 4, 'server ends')


def patience(student):
    late, port = bound(SOCK_STREAM)  # it refuses until it listens
    _never, no_port = bound(SOCK_STREAM)
    client = student.start('tcp-client', port)
    alone = student.start('tcp-client', no_port)
    begun = time.monotonic()
    if not student.until(alone.ended, 2):
        late.listen()
        peer, _ = student.until(late.accept, 3, 'not found')
        client.type('hello')
        peer.sendall(b'welcome')
        student.until(
            lambda: 'welcome' in client.output(),
            2,
            'found',
        )
        student.until(alone.ended, 13 - (time.monotonic() - begun))
    waited = time.monotonic() - begun
    last = ['', *alone.output().splitlines()][-1]
    text = say('last', text=last) if last else say('nothing')
    need(alone.ended(), 'still runs', text=text)
    need(waited > 8, 'gives up', seconds=waited)


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
    key = 'part, one stamp' if stamps == 1 else 'part'
    return say(key, count=count, whole=len(line.encode()), stamps=stamps)


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
            who,
            count=len(line.encode()),
            printed=printed(client.output()[before:], line),
        )

    def check(who, lines):
        server, client = student.client(server_port), student.start('tcp-client', port)
        peer, _ = student.until(listener.accept, 5, 'no connect')
        for ends in (server, peer), (peer, server):
            ends[0].settimeout(None)
            Thread(target=forward_slowly, args=ends, daemon=True).start()
        for line in lines:
            exchange(who, client, line)
        client.type('')
        student.until(client.ended, 3, 'no end')

    check(
        'not whole',
        [''.join(f'{number:05}' for number in range(1000)), 'ü' * 2500, 'hello'],
    )
    check('next not whole', ['hello'])


def two(student):
    port = student.start_server('tcp-server')
    clients, history = {}, []
    joins = 'joins'

    def act(number, verb):
        history.append(say(verb, number=number))
        if verb == 'leaves':
            clients.pop(number).close()
            return
        if verb == joins:
            clients[number] = student.client(port)
        done = words().join('facts', history)
        facts = {'number': number, 'done': done}
        student.gets_reply(clients[number], student.text(), 'no reply to', **facts)

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
        student.until(gone, 4, 'too long', who=say(who))
        need(time.monotonic() - begun > 1.5, 'too early', who=say(who))

    port = student.start_server('tcp-server')
    server = student.running[0]
    student.until(server.output, 3)
    need(
        not student.until(server.ended, 2.5),
        'must wait',
    )
    is_disconnected(student.client(port), 'silent')
    client = student.client(port)
    student.gets_reply(client, 'hello', 'after silent')
    for _ in range(4):
        time.sleep(1)
        student.gets_reply(client, 'I am here', 'disconnected')
    is_disconnected(client, 'silent now')


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
            'not received',
            text=line,
        )
        reply = f'[{time.ctime()}] {line}'
        for text in b'forged', b'forged, too', b'':
            for forger in forgers:
                forger.sendto(text, addr)
        server.sendto(reply.encode(), addr)
        student.until(lambda: client.ended() or reply in client.output(), 3)
        need(
            'forged' not in client.output(),
            'forged',
        )
        need(not client.ended(), 'forged end')
        need(
            reply in client.output(),
            'own not shown',
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
    peer, _ = student.until(server.accept, 5, 'no connect')
    client.type('hello')
    peer.sendall('é'.encode())
    student.until(lambda: 'é' in client.output(), 3, 'not shown')
    client.type('hello')
    peer.sendall(b'caf\xe9')
    student.until(client.ended, 3, 'bad runs')
    status = client.process.poll()
    need(status, 'bad status')
    need(status != 101, 'bad panic')
    need(client.last_message(), 'bad silent')


def menu(student):
    port = student.start_server('udp-server')
    got = reply(student, port, 'time')
    alone = times(f'[{got}] ') == '[TIME] '
    need(alone, 'not alone', got=got)
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
        return say('solved')
    except Missing as missing:
        time.sleep(0.3)  # a program may be exiting
        notes = list(student.notes())
        if not is_changed(name, student.language):
            files = shown(paths(name, student.language))
            notes = [say('unchanged', files=files)]
        text = words().join('sentences', [say('not yet', text=missing), *notes])
        return text + say('repeat', seed=student.seed) * student.has_chosen
    finally:
        student.close()
