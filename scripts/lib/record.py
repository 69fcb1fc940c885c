"""A conversation of the Python pair, step by step:
record.py record PROTOCOL PORT LINE…      holds it, typing the lines; prints the recording
record.py show <RECORDING                 prints its steps as text
record.py screen client|server <RECORDING what that program has printed
record.py calls client|server <RECORDING  its socket calls in order, by the kernel's names
"""
import json
import os
import re
import select
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
TRACER = Path(__file__).with_name('tracer.py')
CALL = r'\b(socket|bind|listen|accept|connect|send|sendto|recv|recvfrom|close|input|print)\('
WAITS_FOR = {('server', 'accept'): 'for a connection', ('server', 'recv'): 'for a message',
             ('server', 'recvfrom'): 'for a message', ('client', 'recv'): 'for a reply',
             ('client', 'recvfrom'): 'for a reply', ('client', 'input'): 'for the keyboard'}
KERNEL = {'accept': 'accept4', 'recv': 'recvfrom', 'send': 'sendto'}
SECONDS = 15  # longer than any step takes


def path(protocol, side):
    return TOP / f'{protocol}-{side}' / f'{protocol}_{side}.py'


def sources(protocol):
    """The lines of both programs without their comments, from line 1 on."""
    return {side: [''] + [line.split('  #')[0] for line in
                          path(protocol, side).read_text(encoding='utf-8').splitlines()]
            for side in ('client', 'server')}


# -- to record ---------------------------------------------------------------

def waits(notes, side):
    """Whether a side waits, and nothing is on its way to it."""
    for note in reversed(notes):
        if note['side'] == side:
            return note['event'] == 'waits'
        if note['sent'] is not None:
            return False
    return False


def talk(protocol, port, typed):
    """Lets the pair talk; a line is typed when both sides wait. Returns their notes."""
    notes_out, notes_in = os.pipe()
    turn_out, turn_in = os.pipe()
    os.write(turn_in, b'.')
    started, notes, typed = {}, [], list(typed)

    def start(side):
        pipes = (notes_in, turn_out, turn_in)
        command = [sys.executable, TRACER, side, *map(str, pipes), path(protocol, side), port]
        started[side] = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=pipes,
                                         start_new_session=True)  # Ctrl-C is ours alone
    try:
        start('server')
        ended = False
        with open(notes_out, 'rb', buffering=0) as stream:
            while not (ended and waits(notes, 'server')):
                if not select.select([stream], [], [], SECONDS)[0]:
                    sys.exit(f'record.py: waited in vain after {notes[-1:]}')
                notes.append(json.loads(stream.readline()))
                ended = ended or notes[-1]['event'] == 'ends'
                if 'client' not in started:
                    if waits(notes, 'server'):
                        start('client')
                elif waits(notes, 'client') and waits(notes, 'server'):
                    started['client'].stdin.write(typed.pop(0).encode() + b'\n')
                    started['client'].stdin.flush()
        if started['client'].wait(SECONDS) != 0:
            sys.exit('record.py: the client failed')
    finally:
        for process in started.values():
            process.kill()
            process.communicate()
        for pipe in (notes_in, turn_out, turn_in):
            os.close(pipe)
    return sorted(notes, key=lambda note: note['time'])


def recorded(protocol, port, typed):
    """The recording: each step, and how things stand after it on both sides."""
    source, steps = sources(protocol), []
    state = {side: {'line': None, 'waits': None, 'ended': False, 'variables': {}, 'screen': ''}
             for side in source}
    for note in talk(protocol, port, typed):
        side, line, text = note['side'], note['line'], source[note['side']][note['line']]
        # The halves ran on a free port; shown is the one that stands in their source.
        shown = {name: re.sub(rf'\b{port}\b', '21567', value)
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
    return {'protocol': protocol, 'typed': typed, 'steps': steps}


# -- to show and to compare --------------------------------------------------

def show(recording):
    """80 columns: number, who, line, source, what came of it; the last below where it is long."""
    source, side = sources(recording['protocol']), None
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


def calls(recording, side):
    """The calls of a side as the kernel names them, each where it begins."""
    waited = False
    for step in recording['steps']:
        if step['side'] == side:
            if not waited and step['call'] not in (None, 'input', 'print'):
                print(KERNEL.get(step['call'], step['call']))
            waited = step['state'][side]['waits'] is not None


def screen(recording, side):
    """What the program of a side has printed: its screen without what was typed."""
    text = recording['steps'][-1]['state'][side]['screen']
    for line in recording['typed'] if side == 'client' else []:
        text = text.replace(f'> {line}\n', '> ', 1)
    sys.stdout.write(text)


def main():
    command, *args = sys.argv[1:]
    if command == 'record':
        print(json.dumps(recorded(*args[:2], args[2:])))
    else:
        {'show': show, 'screen': screen, 'calls': calls}[command](json.load(sys.stdin), *args)


if __name__ == '__main__':
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, lambda *_: sys.exit(1))
    main()
