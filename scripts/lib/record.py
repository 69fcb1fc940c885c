"""A conversation of the Python pair, step by step, held again by the Rust pair: see steps.sh.

    record.py FOLDER show|json STEPS PCAP PROTOCOL…

STEPS is a range such as 14-30, PCAP a file for the packets; both may be empty.
"""
import functools
import json
import re
import select
import socket
import sys
import textwrap

import mask
import pair
from join import Program

CALL = r'\b(socket|bind|listen|accept|connect|send|sendto|recv|recvfrom|close|input|print)\('
WAITS_FOR = {('server', 'accept'): 'for a connection', ('server', 'recv'): 'for a message',
             ('server', 'recvfrom'): 'for a message', ('client', 'recv'): 'for a reply',
             ('client', 'recvfrom'): 'for a reply', ('client', 'input'): 'for the keyboard'}
DOES = {'bind': 'has its port', 'listen': 'listens', 'connect': 'is connected', 'close': 'closes'}
TYPED = ['hello', 'how late is it?', '']
SIDES = 'client', 'server'


class Traced(pair.Program):
    """A Python half that goes on only when its note has been heard."""

    def __init__(self, heard, side, words, folder):
        self.heard = heard
        self.notes, tracers = socket.socketpair()
        self.lines = self.notes.makefile('rb', 0)
        tracer = [sys.executable, pair.TOP / 'scripts/lib/tracer.py', side, tracers.fileno()]
        super().__init__(side, tracer + words[2:], folder, pass_fds=[tracers.fileno()])
        tracers.close()

    def rests(self):
        still = super().rests()
        note = select.select([self.notes], [], [], 0)[0] and self.lines.readline()
        if note:
            self.heard(json.loads(note))
            self.notes.send(b'.')
        return None if note else still


def sources(protocol):
    """The lines of both programs without their comments, from line 1 on."""
    return {side: [''] + [line.split('  #')[0] for line in Program(f'{protocol}-{side}').python]
            for side in SIDES}


def words(note, text, call, before, now):
    """What comes of a step, for people."""
    if now['waits']:
        return 'waits ' + now['waits']
    if now['ended']:
        return 'ends'
    if note['sent'] is not None:
        return 'sends ' + note['sent']
    if call == 'print':
        return 'screen: ' + now['screen'][len(before['screen']):].rstrip('\n')
    variables = now['variables']
    assigned = re.findall(r'\w+', text.split(' = ')[0]) if ' = ' in text else []
    changed = [name for name in variables if before['variables'].get(name) != variables[name]]
    return DOES.get(call) or ', '.join(f'{name} = {variables[name]}' for name in
                                       dict.fromkeys(assigned + changed) if name in variables)


def packets(note, wire):
    """Those since the last step; where they are not seen, only what the program sends."""
    if not wire:
        return [] if note['sent'] is None else [{
            'from': note['side'], 'flags': None, 'bytes': len(note['sent'].encode()),
            'data': note['sent'], 'kernel': False}]
    # A program sends data, SYN (connect) and FIN (close); the rest is the kernel's.
    return [{**packet, 'kernel': packet['from'] != note['side'] or not
             (packet['data'] or packet['flags'] in ('SYN', 'FIN, ACK'))} for packet in wire.heard()]


def recorded(protocol, folder):
    """The recording: each step, and how things stand after it on both sides; and the wire."""
    source, steps, place = sources(protocol), [], pair.place(protocol)
    wire, port = place.values()
    state = {side: {'line': None, 'waits': None, 'ended': False, 'variables': {}, 'screen': '',
                    'socket': None} for side in SIDES}
    state['server']['listening'] = None

    def heard(note):
        nonlocal state
        side, line, text = note['side'], note['line'], source[note['side']][note['line']]
        call = re.search(CALL, text)
        call = call[1] if call and note['event'] != 'ends' else None
        ended = note['event'] == 'ends'
        # On a free port, shown is the one that stands in the programs.
        variables = {name: re.sub(rf'\b{port}\b', mask.SERVERS, value)
                     for name, value in note['variables'].items()}
        before, now = state[side], {
            **state[side], 'line': None if ended else line, 'ended': ended, 'variables': variables,
            'waits': WAITS_FOR[side, call] if note['event'] == 'waits' else None,
            'screen': note['screen']}
        crossed, kept = packets(note, wire), wire.kept() if wire else {one: {} for one in SIDES}
        state = {one: {**(now if one == side else state[one]), **kept[one]} for one in SIDES}
        steps.append({'side': side, 'line': line, 'call': call,
                      'what': words(note, text, call, before, now), 'packets': crossed,
                      'state': state})

    traced = functools.partial(Traced, heard)
    pythons = pair.conversation(protocol, ('python', 'python'), TYPED, folder, kind=traced, **place)
    for side in SIDES:
        screen = state[side]['screen']
        for line in TYPED if side == 'client' else []:  # which the tracer shows too
            screen = screen.replace(f'> {line}\n', '> ', 1)
        pythons['shown'][f"{side}'s screen"] = mask.masked(screen, pythons['ports'])
    rusts = pair.conversation(protocol, ('rust', 'rust'), TYPED, folder, **pair.place(protocol))
    wrong = '\n'.join(filter(None, pair.differences(protocol, pythons, rusts).values()))
    if wrong:
        sys.exit(wrong)
    return {'protocol': protocol, 'typed': TYPED, 'packets_seen': bool(wire), 'steps': steps}, wire


def kernel(before, state):
    """What the kernels keep for each side, where that changes."""
    nothing = {'state': None, 'unread': 0, 'queue': None}
    for side in SIDES:
        was, now = ({**nothing, **(one[side].get('listening') or {}), **(one[side]['socket'] or {})}
                    for one in (before, state))
        found = [now['state'] or 'closed'] * (was['state'] != now['state'])
        if was['queue'] != now['queue']:
            found.append('LISTEN' if was['queue'] is None else f"{now['queue']} in the queue")
        if was['unread'] != now['unread']:
            found.append(f"{now['unread']} bytes unread")
        if found:
            yield f"{side}: {', '.join(found)}"


def show(recording, first, last):
    """80 columns: number, who, line, source, what came of it; the last below where it is long.
    Below, the packets and what the kernels keep."""
    source, side = sources(recording['protocol']), None
    print(pair.title(f"{recording['protocol']}, step by step"))
    if not recording['packets_seen']:
        print('Packets were not seen: this system gives no network of its own (Linux, unshare).\n')
    before = {side: {'socket': None} for side in SIDES}
    for number, step in enumerate(recording['steps'], 1):
        lines, before = list(kernel(before, step['state'])), step['state']
        if not first <= number <= last:
            continue
        if side not in (None, step['side']):
            print()
        side, line, what = step['side'], step['line'], step['what']
        ends = step['state'][side]['ended']
        head = f'{number:2} {side}' + ('' if ends else f' {line:2}  {source[side][line]}')
        *above, head = textwrap.wrap(head, 80, subsequent_indent=' ' * 26)
        if what.startswith('sends '):   # seen below
            what = ''
        rows = [what] if len(what) <= 65 else re.split(r', (?=\w+ = )', what)
        if max(len(head), 50) + 2 + len(rows[0]) <= 80:
            head = f'{head:50}  {rows.pop(0)}'.rstrip()
        print(*above, head, *(' ' * min(52, 80 - len(row)) + row for row in rows), sep='\n')
        for packet in step['packets']:
            text = ('→' if packet['from'] == 'client' else '←', packet['flags'],
                    packet['bytes'] and f"({packet['bytes']} bytes)", packet['data'],
                    packet['kernel'] and '(by the kernel)')
            print(' ' * 13, *filter(None, text))
        if lines:
            print(' ' * 13, '; '.join(lines))


def main():
    folder, form, steps, pcap, *protocols = sys.argv[1:]
    first, _, last = steps.partition('-')
    recordings = [recorded(protocol, folder) for protocol in protocols]
    if pcap:
        if not pair.OWN_NETWORK:
            sys.exit('packets were not seen: this system gives no network of its own')
        from wire import PCAP
        with open(pcap, 'wb') as file:
            file.write(PCAP + b''.join(packet for _, wire in recordings for packet in wire.pcap))
    for recording, _ in recordings:
        if form == 'json':
            print(json.dumps(recording))
        else:
            show(recording, int(first or 1), int(last or first or 999))


pair.lead()
main()
