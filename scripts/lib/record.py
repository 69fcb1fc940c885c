"""A conversation of the Python pair, step by step, held again by the Rust pair:

    record.py FOLDER show|json PROTOCOL…
"""
import functools
import json
import os
import re
import select
import sys
import textwrap

import mask
import pair
from join import Program

CALL = r'\b(socket|bind|listen|accept|connect|send|sendto|recv|recvfrom|close|input|print)\('
WAITS_FOR = {('server', 'accept'): 'for a connection', ('server', 'recv'): 'for a message',
             ('server', 'recvfrom'): 'for a message', ('client', 'recv'): 'for a reply',
             ('client', 'recvfrom'): 'for a reply', ('client', 'input'): 'for the keyboard'}
TYPED = ['hello', 'how late is it?', '']


class Traced(pair.Program):
    """A Python half that goes on only when its note has been heard."""

    def __init__(self, heard, side, words, folder):
        self.heard = heard
        noted, notes = os.pipe()
        goes_on, self.go_on = os.pipe()
        self.noted = open(noted, 'rb', buffering=0)
        tracer = [sys.executable, pair.TOP / 'scripts/lib/tracer.py', side, notes, goes_on]
        super().__init__(side, tracer + words[-2:], folder, pass_fds=(notes, goes_on))
        os.close(notes)
        os.close(goes_on)

    def rests(self):
        still = super().rests()
        note = select.select([self.noted], [], [], 0)[0] and self.noted.readline()
        if note:
            self.heard(json.loads(note))
            os.write(self.go_on, b'.')
        return None if note else still

    def end(self):
        super().end()
        self.noted.close()
        os.close(self.go_on)


def sources(protocol):
    """The lines of both programs without their comments, from line 1 on."""
    return {side: [''] + [line.split('  #')[0] for line in Program(f'{protocol}-{side}').python]
            for side in ('client', 'server')}


def recorded(protocol, folder):
    """The recording: each step, and how things stand after it on both sides."""
    source, steps, port = sources(protocol), [], pair.free_port()
    state = {side: {'line': None, 'waits': None, 'ended': False, 'variables': {}, 'screen': ''}
             for side in source}

    def heard(note):
        nonlocal state
        side, line, text = note['side'], note['line'], source[note['side']][note['line']]
        # The halves run on a free port; shown is the one that stands in their source.
        shown = {name: re.sub(rf'\b{port}\b', mask.SERVERS, value)
                 for name, value in note['variables'].items()}
        call = re.search(CALL, text)
        call = call and call[1]
        before, now = state[side], {'line': line, 'waits': None, 'ended': False,
                                    'variables': shown, 'screen': note['screen']}
        if note['event'] == 'waits':
            now['waits'] = WAITS_FOR[side, call]
            what = 'waits ' + now['waits']
        elif note['event'] == 'ends':
            now.update(line=None, ended=True)
            call, what = None, 'ends'
        elif note['sent'] is not None:
            what = f"{'→' if side == 'client' else '←'} {note['sent']}"
        elif call == 'print':
            what = 'screen: ' + note['screen'][len(before['screen']):].rstrip('\n')
        else:
            assigned = re.findall(r'\w+', text.split(' = ')[0]) if ' = ' in text else []
            changed = [name for name in shown if before['variables'].get(name) != shown[name]]
            what = ', '.join(f'{name} = {shown[name]}' for name in dict.fromkeys(assigned + changed)
                             if name in shown)
        state = {**state, side: now}
        packet = None if note['sent'] is None else {'from': side, 'text': note['sent']}
        steps.append({'side': side, 'line': line, 'call': call, 'what': what,
                      'packet': packet, 'state': state})

    traced = functools.partial(Traced, heard)
    pythons = pair.conversation(protocol, ('python', 'python'), TYPED, folder, port, traced)
    for side, screen in pythons['screens'].items():
        screen = state[side]['screen']
        for line in TYPED if side == 'client' else []:  # which the tracer shows too
            screen = screen.replace(f'> {line}\n', '> ', 1)
        pythons['screens'][side] = mask.masked(screen, pythons['ports'])
    rusts = pair.conversation(protocol, ('rust', 'rust'), TYPED, folder)
    differences = ''.join(pair.other_screens(protocol, pythons, rusts).values())
    if differences:
        sys.exit(differences)
    return {'protocol': protocol, 'typed': TYPED, 'steps': steps}


def show(recording):
    """80 columns: number, who, line, source, what came of it; the last below where it is long."""
    source, side = sources(recording['protocol']), None
    print(pair.title(f"{recording['protocol']}, step by step"))
    for number, step in enumerate(recording['steps'], 1):
        if side not in (None, step['side']):
            print()
        side, line, what = step['side'], step['line'], step['what']
        ends = step['state'][side]['ended']
        head = f'{number:2} {side}' + ('' if ends else f' {line:2}  {source[side][line]}')
        *above, head = textwrap.wrap(head, 80, subsequent_indent=' ' * 26)
        rows = [what] if len(what) <= 65 else re.split(r', (?=\w+ = )', what)
        if max(len(head), 50) + 2 + len(rows[0]) <= 80:
            head = f'{head:50}  {rows.pop(0)}'.rstrip()
        print(*above, head, *(' ' * min(52, 80 - len(row)) + row for row in rows), sep='\n')


def main():
    folder, form, *protocols = sys.argv[1:]
    for protocol in protocols:
        recording = recorded(protocol, folder)
        if form == 'json':
            print(json.dumps(recording), flush=True)
        else:
            show(recording)


if __name__ == '__main__':
    pair.lead()
    main()
