"""What trace.sh does: the system calls of both languages in two columns."""

import difflib
import re
import shutil
from itertools import zip_longest
from pathlib import Path
from textwrap import wrap

from stage.model import Problem, side
from stage.play import Play, in_versions
from stage.project import HOST, PROGRAMS, PROTOCOLS, TOP
from stage.scenario import load
from stage.terminal import bold, columns, title

# What Rust adds: the beginning of a call that it makes once.
ADDITIONS = {
    'tcp-server': 'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ',
    'udp-client': 'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO',
}
# What has no meaning for a program: pointers, the length that the kernel was offered, MSG_NOSIGNAL.
MASKS = r"""
\{sa_family=AF_INET, sin_port=htons\((\d+)\), sin_addr=inet_addr\("([\d.]+)"\)\} -> ('\2', \1)
\b0x[0-9a-f]+\b -> POINTER
\[\d+ => (\d+)\] -> [\1]
\bMSG_NOSIGNAL, \( -> 0, (
 *<unfinished \.\.\.>.* ->
\) += -> ) =
(?m)^(---|\+\+\+|rt_sigaction\().*\n ->
"""
STRACE = 'strace -D -s 2000 -e trace=network,rt_sigaction -o'.split()


def traced(scenario, protocol, version):
    """The calls of each program, as lists."""
    plain, files = in_versions(protocol, [version]), {}

    def argv(action, address):
        files[action.who] = Path(play.folder.name, f'{action.who}.trace')
        address = address or [HOST, play.own_port]
        return [*STRACE, files[action.who], *plain(action, address)]

    with Play(scenario, protocol, argv, free=True) as play:
        play.play()
        return {who: calls(play, file) for who, file in files.items()}


def calls(play, file):
    text = file.read_text('utf-8', 'surrogateescape')
    handlers = re.findall(r'rt_sigaction\(SIGPIPE, \{sa_handler=(\w+)', text)
    if handlers[-1:] != ['SIG_IGN']:
        raise Problem('SIGPIPE')
    for row in MASKS.strip('\n').split('\n'):
        pattern, replacement = row.split(' ->')
        text = re.sub(pattern, replacement.strip(), text)
    return [line.rstrip() for line in play.masked(text).splitlines()]


def compared(python, rust, addition):
    """Rows of a mark, Python's call and Rust's; either may be missing. Expected are + in Rust and
    - in Python; ! is wrong."""
    before = ''
    matcher = difflib.SequenceMatcher(None, python, rust, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for one, other in zip_longest(python[a:b], rust[c:d], fillvalue=''):
            is_same = kind == 'equal'
            yield ' ' if is_same else mark(one, other, before, addition), one, other
            before = one or before


def mark(one, other, before, addition):
    if not one and addition and other.startswith(addition):
        return '+'
    if not other and one.startswith('getsockname(') and before.startswith('accept4('):
        return '-'
    return '!'


def show(heading, program, python, rust):
    """Prints the calls of a program; returns whether they are the same, except for the addition."""
    width = (max(shutil.get_terminal_size().columns, 80) - 3) // 2
    form, signs = f'{{:{width}}} {{:1}} {{}}', ''
    names = [version.language for version in PROGRAMS[program]]
    print(title(heading))
    print(bold(f'{names[0]:{width}}   {names[1]}'))
    for sign, *both in compared(python, rust, ADDITIONS.get(program)):
        signs += sign
        texts = [re.sub(',$', ', (waits)', call) for call in both]
        one, other = [wrap(text, width, subsequent_indent='  ') for text in texts]
        columns(form, one, [sign], other)
    return '!' not in signs and signs.count('+') <= 1


def main(name='hello', chosen=''):
    if name in PROTOCOLS:
        name, chosen = 'hello', name
    scenario = load(name)
    differ = []
    for protocol in scenario.chosen(chosen):
        python, rust = [traced(scenario, protocol, version) for version in (0, 1)]
        for who in python:
            program = f'{protocol}-{side(who)}'
            if not show(f'{protocol}-{who}', program, python[who], rust[who]):
                differ.append(f'{PROGRAMS[program][1].path.relative_to(TOP)}')
    if differ:
        raise Problem('calls differ', files=' and '.join(differ))
