"""The join: both sources of a program, row by row, by the tags in main.rs.

A tag ends a line of Rust: `// 14` says that the Rust from here on ports line 14
of the Python file, `// +` that Python has nothing like it. A tag holds until the
next tag. Above the first one stand the title, `//!`, and what only Rust needs.
"""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']
TITLE = 2       # the line of Python that says what `//!` says


class Untrue(Exception):
    """The sources or the records do not show what would be said of them."""


class Row:
    """A row of the two columns."""

    def __init__(self, kind, number, python=''):
        self.kind = kind            # 'line' or 'addition'
        self.number = number        # the Python line; for an addition, the last one
        self.python = python
        self.rust = []              # line numbers in main.rs


class Program:
    """Both sources of a program, and the rows that join them."""

    def __init__(self, name):
        self.name = name
        self.python_path = TOP / name / f"{name.replace('-', '_')}.py"
        self.python_file = self.python_path.name
        self.rust_path = TOP / name / 'src/main.rs'
        self.python = read(self.python_path).splitlines()
        # Index 0 stays empty, so that the indices are line numbers.
        self.rust = ['']            # without the tags
        self.held = [None]          # the tag that holds: a number, or '+'
        last = TITLE
        for at, line in enumerate(read(self.rust_path).splitlines(), 1):
            code, tag = re.fullmatch(r'(.*?)(?: *// (\+|\d+))?', line).groups()
            if tag and tag != '+':
                tag = int(tag)
                if not last < tag <= len(self.python):
                    self.fail(f'its line {at} has the tag {tag}, after {last}: tags go up, each '
                              f'stands once, and {self.python_file} has {len(self.python)} lines')
                last = tag
            self.rust.append(code.rstrip())
            held = '+' if self.held[-1] == TITLE else self.held[-1]
            self.held.append(TITLE if line.startswith('//!') else tag or held)
        for number, line in enumerate(self.python, 1):
            if number not in self.held and not line.startswith('#'):
                self.fail(f'no line has the tag {number}: {self.python_file} has there\n    {line}')
        self.rows = list(self.join())

    def fail(self, what):
        raise Untrue(f'{self.name}/src/main.rs: {what}')

    def join(self):
        """The rows. An empty line divides an addition, so that each function has its own."""
        rows = [Row('line', 1, self.python[0])]
        for at in range(1, len(self.rust)):
            tag = self.held[at]
            if tag == '+' and (self.held[at - 1] != '+' or not self.rust[at]):
                rows.append(Row('addition', rows[-1].number))
            elif tag not in ('+', self.held[at - 1]):
                rows.append(Row('line', tag, self.python[tag - 1]))
            rows[-1].rust.append(at)
        for row in rows:
            while row.rust and not self.rust[row.rust[-1]]:
                row.rust.pop()
            while row.rust and not self.rust[row.rust[0]]:
                row.rust.pop(0)
            if row.rust or row.kind == 'line':
                yield row


def read(path):
    return Path(path).read_text(encoding='utf-8')


def indent(line):
    return len(line) - len(line.lstrip(' '))
