"""Joins both sources of a program by the tags in the other language's file.

A tag ends a line of Rust: `// 14` means that the Rust from here on does what line 14 of the Python
file does, `// +` that Python has nothing like it. A tag is valid up to the next tag. Above the
first one stand the title, `//!`, and what only Rust needs. In a changed program a line may have
no counterpart: then its place in the other column is empty.
"""

from __future__ import annotations

import re
from typing import (
    List,
    Optional,
    Union,
)

from stage import source
from stage.model import Problem
from stage.project import PROGRAMS

TITLE = 2  # the line of Python that says what `//!` says


class UnknownPart(Problem):
    """There is no such program, or no such line in it."""

    status = 2


class Row:
    """A row of the two columns: a line of Python, or an addition of Rust."""

    def __init__(
        self,
        number: int,
        python: Optional[str] = None,
    ):
        self.number = number  # the Python line; for an addition, the last one
        self.python = python  # None for an addition
        self.rust: List[int] = []  # line numbers in main.rs


class Program:
    """Both sources of a program, and the rows that join them."""

    def __init__(self, name: str):
        if name not in PROGRAMS:
            raise UnknownPart('no such program', program=name, known=PROGRAMS)
        self.name = name
        self.python_path, self.rust_path = (version.path for version in PROGRAMS[name])
        self.python = source.read(self.python_path).splitlines()
        # Index 0 stays empty, so that the indices are line numbers.
        self.rust = ['']  # without the tags
        self.held: List[Union[int, str]] = [TITLE]  # the tag that is valid, perhaps '+'
        for line in read(self.rust_path).splitlines():
            self.add(line)
        self.rows = [
            row for row in map(self.trim, self.join()) if row.rust or row.python
        ]

    def add(self, line: str) -> None:
        """Adds a line of Rust."""
        code, tag = re.findall(r'^(.*?)(?: *// (\+|\d+))?$', line)[0]
        if line.startswith('//!'):
            tag = TITLE
        elif not tag:
            tag = '+' if self.held[-1] == TITLE else self.held[-1]
        self.rust.append(code.rstrip())
        self.held.append(tag if tag == '+' else int(tag))

    def join(self) -> List[Row]:
        """The rows. An empty line divides an addition, so that each function has its own."""
        rows: List[Row] = []
        number = 0
        for at in range(1, len(self.rust)):
            tag = self.held[at]
            while isinstance(tag, int) and number < min(tag, len(self.python)):
                number += 1
                rows.append(Row(number, self.python[number - 1]))
            is_divided = (
                tag == '+'
                and rows
                and (rows[-1].python is not None or not self.rust[at])
            )
            if not rows or is_divided:
                rows.append(Row(number))
            rows[-1].rust.append(at)
        rest = enumerate(self.python[number:], number + 1)
        return rows + [Row(at, line) for at, line in rest]

    def trim(self, row: Row) -> Row:
        """A row neither begins nor ends with an empty line."""
        while row.rust and not self.rust[row.rust[-1]]:
            row.rust.pop()
        while row.rust and not self.rust[row.rust[0]]:
            row.rust.pop(0)
        return row


def read(path) -> str:
    return path.read_text('utf-8-sig')


def indent(line: str) -> int:
    return len(line) - len(line.lstrip(' '))
