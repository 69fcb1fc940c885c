"""Joins both sources of a program by the tags in main.rs, and shows them in two columns.

A tag ends a line of Rust: `// 14` means that the Rust from here on does what line 14 of the Python
file does, `// +` that Python has nothing like it. A tag is valid up to the next tag. Above the
first one stand the title, `//!`, and what only Rust needs. In a changed program a line may have
no counterpart: then its place in the other column is empty.
"""
import re
import shutil
import signal
import sys
import textwrap
from itertools import zip_longest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']
TITLE = 2       # the line of Python that says what `//!` says


class Row:
    """A row of the two columns: a line of Python, or an addition of Rust."""

    def __init__(self, number, python=None):
        self.number = number        # the Python line; for an addition, the last one
        self.python = python        # None for an addition
        self.rust = []              # line numbers in main.rs


class Program:
    """Both sources of a program, and the rows that join them."""

    def __init__(self, name):
        self.name = name
        self.python_path = TOP / name / f"{name.replace('-', '_')}.py"
        self.rust_path = TOP / name / 'src/main.rs'
        self.python = read(self.python_path).splitlines()
        # Index 0 stays empty, so that the indices are line numbers.
        self.rust = ['']            # without the tags
        self.held = [TITLE]         # the tag that is valid: a number, or '+'
        for line in read(self.rust_path).splitlines():
            self.add(line)
        self.rows = [row for row in map(self.trim, self.join()) if row.rust or row.python]

    def add(self, line):
        """Adds a line of Rust."""
        code, tag = re.fullmatch(r'(.*?)(?: *// (\+|\d+))?', line).groups()
        if line.startswith('//!'):
            tag = TITLE
        elif not tag:
            tag = '+' if self.held[-1] == TITLE else self.held[-1]
        self.rust.append(code.rstrip())
        self.held.append(tag if tag == '+' else int(tag))

    def join(self):
        """The rows. An empty line divides an addition, so that each function has its own."""
        rows, number = [], 0
        for at in range(1, len(self.rust)):
            tag = self.held[at]
            while tag != '+' and number < min(tag, len(self.python)):
                number += 1
                rows.append(Row(number, self.python[number - 1]))
            if not rows or tag == '+' and (rows[-1].python is not None or not self.rust[at]):
                rows.append(Row(number))
            rows[-1].rust.append(at)
        rest = enumerate(self.python[number:], number + 1)
        return rows + [Row(at, line) for at, line in rest]

    def trim(self, row):
        """A row neither begins nor ends with an empty line."""
        while row.rust and not self.rust[row.rust[-1]]:
            row.rust.pop()
        while row.rust and not self.rust[row.rust[0]]:
            row.rust.pop(0)
        return row


def read(path):
    return Path(path).read_text(encoding='utf-8')


def indent(line):
    return len(line) - len(line.lstrip(' '))


# ── The two columns ──────────────────────────────────────────────────────────

class Wrapper(textwrap.TextWrapper):
    """Breaks code at a space, after a bracket or a comma, before a method, or else anywhere."""
    wordsep_simple_re = re.compile(r'((?<!//)(?<! #) +|(?<=[(\[{,])|(?<=[)?])(?=\.))')


def wrap(line, width):
    rest_indent = ' ' * (indent(line) + 2)
    return Wrapper(width, break_on_hyphens=False, subsequent_indent=rest_indent).wrap(line)


def paint(code, text, colour):
    return f'\33[{code}m{text}\33[0m' if colour and text.strip() else text


def show(program, colour):
    """Prints the columns of a program."""
    # The terminal's own width, or COLUMNS, or 80.
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 80), 200)
    left = (width - 6) * 4 // 9     # Rust has the longer lines
    print(paint('1', f'── {program.name} '.ljust(width, '─'), colour))
    print(paint('2', f'{program.python_path.name:{left}}      main.rs', colour))
    for row in program.rows:
        addition = row.python is None
        middle = paint('32' if addition else '1', f"{'+' if addition else row.number:>3}", colour)
        python = wrap(row.python, left) if row.python else ['']
        rust = [part for at in row.rust for part in wrap(program.rust[at], width - 6 - left)]
        for one, two in zip_longest(python, rust, fillvalue=''):
            two = paint('32', two, colour and addition)
            print(f'{one:{left}} {middle}  {two}'.rstrip())
            middle = '   '


def main(*arguments):
    programs = [Program(name) for name in arguments if name != '--colour']
    for at, program in enumerate(programs):
        print('\n' * bool(at), end='')
        show(program, '--colour' in arguments)


if __name__ == '__main__':
    if hasattr(signal, 'SIGPIPE'):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `| head`
    main(*sys.argv[1:])
