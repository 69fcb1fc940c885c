"""What trace.sh does: the system calls of both languages in two columns."""
import difflib
import itertools
import os
import re
import shutil
import textwrap
from pathlib import Path

from mask import SERVER_PORT
from play import Play, in_languages
from programs import run
from scenario import load
from show import title

# What Rust adds: the beginning of a call that it makes once.
ADDITIONS = {'tcp-server': 'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ',
             'udp-client': 'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO'}
# What has no meaning for a program: pointers, the length that the kernel was offered, MSG_NOSIGNAL.
MASKS = [(r'\{sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)\}',
          r"('\2', \1)"), (r'\b0x[0-9a-f]+\b', 'POINTER'), (r'\[\d+ => (\d+)\]', r'[\1]'),
         (r'\bMSG_NOSIGNAL, \(', '0, ('), (r' *<unfinished \.\.\.>.*', ''), (r'\) += ', ') = ')]


def traced(scenario, protocol, language):
    """The calls of each program, as lists."""
    plain, files = in_languages(protocol, [language]), {}

    def argv(action, port):
        files[action.name] = Path(play.folder.name, f'{action.name}.trace')
        return ['strace', '-D', '-s', '2000', '-o', files[action.name],
                '-e', 'trace=network,rt_sigaction', *plain(action, port or SERVER_PORT)]
    with Play(scenario, protocol, argv, free=True) as play:
        play.play()
        return {name: calls(play, file.read_text('utf-8', 'surrogateescape'))
                for name, file in files.items()}


def calls(play, text):
    if re.findall(r'rt_sigaction\(SIGPIPE, \{sa_handler=(\w+)', text)[-1:] != ['SIG_IGN']:
        raise OSError('SIGPIPE is not ignored')
    for pattern, replacement in MASKS:
        text = re.sub(pattern, replacement, text)
    return [line.rstrip() for line in play.masked(text).splitlines()
            if not line.startswith(('---', '+++', 'rt_sigaction('))]


def compared(python, rust, addition):
    """Rows of a mark, Python's call and Rust's; either may be missing. Expected are + in Rust and
    - in Python; ! is wrong."""
    before = ''
    matcher = difflib.SequenceMatcher(None, python, rust, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for one, other in itertools.zip_longest(python[a:b], rust[c:d], fillvalue=''):
            yield ' ' if kind == 'equal' else mark(one, other, before, addition), one, other
            before = one or before


def mark(one, other, before, addition):
    if not one and addition and other.startswith(addition):
        return '+'
    if not other and one.startswith('getsockname(') and before.startswith('accept4('):
        return '-'
    return '!'


def show_program(name, program, python, rust):
    """Prints the calls of a program; returns whether they are the same, except for the addition."""
    width = (max(shutil.get_terminal_size((80, 24)).columns, 80) - 3) // 2
    rows = list(compared(python, rust, ADDITIONS.get(program)))
    print(title(program + name.replace(program[4:], '')))
    print(f"{os.environ['BOLD']}{'Python':{width}}   Rust{os.environ['PLAIN']}")
    for sign, *both in rows:
        columns = [textwrap.wrap(call + ' (waits)' * call.endswith(','), width,
                                 subsequent_indent='  ') for call in both]
        for one, other in itertools.zip_longest(*columns, fillvalue=''):
            print(f'{one:{width}} {sign} {other}'.rstrip())
            sign = ' '
    signs = [sign for sign, *_ in rows]
    return '!' not in signs and signs.count('+') <= 1


def main(name='hello', chosen=''):
    if name in ('tcp', 'udp'):
        name, chosen = 'hello', name
    scenario, differ = load(name), []
    for protocol in [chosen] if chosen else scenario.protocols:
        python, rust = (traced(scenario, protocol, one) for one in ('python', 'rust'))
        for name in python:
            program = f'{protocol}-{name.split()[0]}'
            if not show_program(name, program, python[name], rust[name]):
                differ.append(f'{program}/src/main.rs')
    if differ:
        raise OSError(f'the calls differ at each !; edit {" and ".join(differ)}, or the Python')


if __name__ == '__main__':
    run(main)
