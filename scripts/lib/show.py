"""Shows a recording in 80 columns: number, who, line, source, and the result. Below a step
are the packets and what the kernels keep, if that changes."""
import os
import re
import textwrap

from mask import STAMP

WAITS_FOR = {'accept': 'a connection', 'connect': 'an answer', 'input': 'the keyboard',
             'send': 'room in the kernel', 'sendto': 'room in the kernel'}
RETURNS = {'bind': 'has its port', 'listen': 'listens', 'connect': 'is connected',
           'close': 'closes'}
INDENT = ' ' * 13


def title(text):
    return f"{os.environ['BOLD']}── {text} {'─' * (76 - len(text))}{os.environ['PLAIN']}"


def shorten(text):
    """Long runs of a character are counted, also of one that repr writes as four bytes at most."""
    runs = r'((?:\\x..){2,4}|.)\1{19,}'
    return re.sub(runs, lambda run: f'{run[1]} × {len(run[0]) // len(run[1])}', text)


def outcome(step, before, now):
    """The result of a step."""
    call = step.get('call')
    if step['event'] == 'waits':
        peer = 'a reply' if step['who'].startswith('client') else 'a message'
        return f'waits for {WAITS_FOR.get(call, peer)}'
    if step['event'] in ('raises', 'exits'):
        return step['text']
    if step['text']:
        return ''                       # what it sends is shown below
    if call == 'print':
        return 'output: ' + now['screen'][len(before['screen']):].rstrip('\n')
    if call in RETURNS:
        return RETURNS[call]
    return ', '.join(assigned(step['source'], before['variables'], now['variables']))


def assigned(source, before, now):
    """The variables that a line has changed, in the order in which they stand there."""
    names = re.findall(r'\w+', source.split(' = ')[0]) if ' = ' in source else []
    names += [name for name in now if before.get(name) != now[name]]
    return [f'{name} = {now[name]}' for name in dict.fromkeys(names) if name in now]


def fill(text, indent, rest):
    """Wraps to 80 columns; a timestamp stays whole."""
    whole = re.sub(STAMP, lambda stamp: stamp[0].replace(' ', '\xa0'), text)
    return textwrap.fill(whole, 80, initial_indent=indent,
                         subsequent_indent=rest).replace('\xa0', ' ')


def packet_line(packet):
    name = packet['client'] if packet['client'] != 'client' else ''
    parts = (name, '→' if packet['from'] == 'client' else '←', packet['flags'], packet['numbers'],
             shorten(packet['data']), '(by the kernel)' if packet['kernel'] else '')
    return ' '.join(filter(None, parts))


def step_lines(number, step, before, now):
    """The step in its columns; what is too long goes below."""
    if step['event'] == 'action':
        return [f"{number:2} ── {step['text']}"]
    head = f"{number:2} {step['who']}"
    if step['event'] == 'exits':
        return [f"{head} {step['text']}"]
    head += f" {step['line']:2}  {step['source']}"
    *above, head = textwrap.wrap(head, 80, subsequent_indent=' ' * 26, drop_whitespace=True)
    what = shorten(outcome(step, before, now))
    rows = [what] if len(what) <= 65 else re.split(r', (?=\w+ = )', what)
    rows = [part for row in rows for part in textwrap.wrap(row, 76) or ['']]
    if max(len(head), 50) + 2 + len(rows[0]) <= 80:
        head = f'{head:50}  {rows.pop(0)}'.rstrip()
    return [*above, head, *(' ' * min(52, 80 - len(row)) + row for row in rows)]


def show(steps, first, last):
    """Prints the steps from the first to the last."""
    nothing = {'screen': '', 'variables': {}}
    programs, who = {}, None
    for number, step in enumerate(steps, 1):
        before = programs.get(step['who'], nothing)
        programs = {**programs, **step.get('programs', {})}
        now = programs.get(step['who'], nothing)
        if not first <= number <= last:
            continue
        if who not in (None, step['who']):
            print()
        who = step['who']
        for question in step['asks']:
            print(textwrap.fill(f"{os.environ['BOLD']}? {question}{os.environ['PLAIN']}", 76,
                                initial_indent='   ', subsequent_indent='     '))
        print(*step_lines(number, step, before, now), sep='\n')
        for line in [*map(packet_line, step['packets']), '; '.join(step['kernel'])]:
            if line:
                print(fill(line, INDENT, INDENT + '  '))
