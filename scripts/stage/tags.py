"""Joins both sources of a program by the tags in the other language's file.

A tag ends a line of Rust: `// 14` means that the Rust from here on does what line 14 of the Python
file does, `// +` that Python has nothing like it. A tag is valid up to the next tag. Above the
first one stand the title, `//!`, and what only Rust needs. In a changed program a line may have
no counterpart: then its place in the other column is empty.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from stage import source
from stage.model import Problem
from stage.project import PROGRAMS

TITLE = 2  # the line of Python that says what `//!` says


class UnknownPart(Problem):
    """There is no such program, or no such line in it."""

    status = 2


@dataclass
class Row:
    """A row of the two columns: a line of Python, or an addition of Rust."""

    number: int  # the Python line; for an addition, the last one
    python: str | None = None  # None for an addition
    rust: list = field(default_factory=list)  # line numbers in main.rs


class Program:
    """Both sources of a program, and the rows that join them."""

    def __init__(self, name):
        if name not in PROGRAMS:
            raise UnknownPart('no such program', program=name, known=PROGRAMS)
        self.name = name
        self.python_path, self.rust_path = (version.path for version in PROGRAMS[name])
        self.python = source.read(self.python_path).splitlines()
        # Index 0 stays empty, so that the indices are line numbers.
        self.rust = ['']  # without the tags
        self.held = [TITLE]  # the tag that is valid, perhaps '+'
        for line in self.rust_path.read_text('utf-8-sig').splitlines():
            self.add(line)
        rows = map(self.trim, self.join())
        self.rows = [row for row in rows if row.rust or row.python]

    def add(self, line):
        """Adds a line of Rust."""
        code, tag = re.findall(r'^(.*?)(?: *// (\+|\d+))?$', line)[0]
        if line.startswith('//!'):
            tag = TITLE
        elif not tag:
            tag = '+' if self.held[-1] == TITLE else self.held[-1]
        self.rust.append(code.rstrip())
        self.held.append(tag if tag == '+' else int(tag))

    def join(self):
        """The rows. An empty line divides an addition, so that each function has its own."""
        rows = [Row(0)]
        python = [Row(number, line) for number, line in enumerate(self.python, 1)]
        for at, tag in enumerate(self.held):
            while tag != '+' and python and python[0].number <= tag:
                rows.append(python.pop(0))
            if tag == '+' and (rows[-1].python is not None or not self.rust[at]):
                rows.append(Row(rows[-1].number))
            rows[-1].rust.append(at)
        return rows + python

    def trim(self, row):
        """A row neither begins nor ends with an empty line."""
        filled = [at for at in row.rust if self.rust[at]]
        row.rust = range(filled[0], filled[-1] + 1) if filled else []
        return row


def indent(line):
    return len(line) - len(line.lstrip(' '))
