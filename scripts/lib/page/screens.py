"""The recorded screens of a conversation, as HTML."""
import re
import time
from html import escape
from pathlib import Path

from join import Untrue, read


def record(protocol, folder):
    """The two screens of a conversation as HTML, {'client': …, 'server': …};
    only where the conversation worked."""
    def file(name):
        return read(Path(folder) / f'{protocol}-{name}')

    def fail(what):
        raise Untrue(f'the recorded {protocol} conversation did not work: {what}')

    port = file('port').strip()
    typed = file('typed').splitlines()
    lines = [line for line in typed if line]

    # Each reply stands behind the prompt for the line that it answers.
    screen = file('client.out').split('> ')
    if screen[0] or len(screen) != len(typed) + 1 or screen[-1].strip():
        fail(f'the screen of the client is {"> ".join(screen)!r}')
    client = [f'$ {protocol}-client 127.0.0.1 {port}']
    client = [f'<span class="command">{escape(client[0])}</span>']
    for line, reply in zip(lines, screen[1:]):
        found = re.fullmatch(r'\[(.{24})\] (.*)\n', reply)
        if not found or found.group(2) != line:
            fail(f'the reply to {line!r} is {reply!r}')
        try:
            time.strptime(found.group(1), '%a %b %d %H:%M:%S %Y')
        except ValueError:
            fail(f'not a time: {found.group(1)!r}')
        client += [f'&gt; <kbd>{escape(line)}</kbd>', escape(reply.rstrip('\n'))]
    client.append('&gt; ')

    expected = {
        'tcp': [r'waiting for connecting\.\.\.', r"\.\.\.connected from: \('127\.0\.0\.1', \d+\)",
                r'waiting for connecting\.\.\.'],
        'udp': [r'waiting for message\.\.\.'] + len(lines) * [
            r"\.\.\.received from and returned to: \('127\.0\.0\.1', \d+\)",
            r'waiting for message\.\.\.'],
    }[protocol]
    screen = file('server.out').splitlines()
    if len(screen) != len(expected) or not all(map(re.fullmatch, expected, screen)):
        fail(f'the screen of the server is {screen!r}')
    if file('server.err'):
        fail(f'the server says {file("server.err")!r}')
    server = [f'<span class="command">$ {protocol}-server 127.0.0.1 {port}</span>']
    server += map(escape, screen)
    return {'client': '\n'.join(client), 'server': '\n'.join(server)}
