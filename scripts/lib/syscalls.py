"""The system calls of the Python pair and the Rust pair in two columns: see trace.sh.

    syscalls.py FOLDER PROTOCOL…
"""
import difflib
import itertools
import os
import re
import shutil
import sys
import textwrap
from pathlib import Path

import mask
import pair

TYPED = ['hello', 'how late is it?', 'Grüße', '']
# What Rust adds: the beginning of a call that it makes once.
ADDITIONS = {'tcp-server': 'setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ',
             'udp-client': 'setsockopt(3, SOL_SOCKET, SO_RCVTIMEO'}


def traced(protocol, language, folder):
    """Both traces of a conversation, a list of calls for each side."""
    port = pair.free_port()
    files = {side: Path(folder, f'{protocol}-{language}-{side}') for side in ('server', 'client')}
    came = pair.conversation(
        protocol, (language, language), TYPED, folder, port=port,
        wrapper=lambda side: ['strace', '-D', '-s', '2000', '-o', files[side],
                              '-e', 'trace=network,rt_sigaction'])
    return {side: calls(file.read_text('utf-8', 'surrogateescape'), port, came)
            for side, file in files.items()}


def calls(text, port, came):
    if re.findall(r'rt_sigaction\(SIGPIPE, \{sa_handler=(\w+)', text)[-1:] != ['SIG_IGN']:
        sys.exit(f"{came['name']}: SIGPIPE is not ignored")
    text = re.sub(r'\{sa_family=AF_INET, sin_port=htons\((\d+)\), '
                  r'sin_addr=inet_addr\("([\d.]+)"\)\}', r"('\2', \1)", text)
    text = mask.masked(text.replace(f', {port})', f', {mask.SERVERS})'), came['ports'])
    text = re.sub(r'\b0x[0-9a-f]+\b', 'POINTER', text)
    text = re.sub(r'\[\d+ => (\d+)\]', r'[\1]', text)
    text = re.sub(r"\bMSG_NOSIGNAL, \(", '0, (', text)
    text = re.sub(r' *<unfinished \.\.\.>.*', '', text)
    return [re.sub(r'\) +=', ') =', line).rstrip() for line in text.splitlines()
            if not line.startswith(('---', '+++', 'rt_sigaction('))]


def compared(python, rust, addition):
    """Rows of a mark, Python's call and Rust's; either may be missing: ''."""
    before = ''
    matcher = difflib.SequenceMatcher(None, python, rust, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for one, other in itertools.zip_longest(python[a:b], rust[c:d], fillvalue=''):
            mark = ' ' if kind == 'equal' else '!'
            if not one and addition and other.startswith(addition):
                mark, addition = '+', None
            elif not other and one.startswith('getsockname(') and before.startswith('accept4('):
                mark = '-'
            before = one or before
            yield mark, one, other


def shown(call, width):
    return textwrap.wrap(call + ' (waits)' * call.endswith(','), width, subsequent_indent='  ')


def main():
    folder, *protocols = sys.argv[1:]
    column, differ = (max(shutil.get_terminal_size((80, 24)).columns, 80) - 3) // 2, []
    for protocol in protocols:
        both = [traced(protocol, language, folder) for language in ('python', 'rust')]
        for side in 'server', 'client':
            program = f'{protocol}-{side}'
            print(pair.title(program))
            print(f"{os.environ['bold']}{'Python':{column}}   Rust{os.environ['plain']}")
            rows = list(compared(*(calls[side] for calls in both), ADDITIONS.get(program)))
            for mark, one, other in rows:
                for one, other in itertools.zip_longest(shown(one, column), shown(other, column),
                                                        fillvalue=''):
                    print(f'{one:{column}} {mark} {other}'.rstrip())
                    mark = ' '
            if any(mark == '!' for mark, _, _ in rows):
                differ.append(f'{program}/src/main.rs')
    if differ:
        sys.exit(f"the calls differ where a ! stands; edit {', '.join(differ)}, or its half")


pair.lead()
main()
