"""What side-by-side.sh does: shows both sources of a program in two columns."""

import os
import re
import shutil
import textwrap

from stage.project import PROGRAMS
from stage.tags import Program, indent
from stage.terminal import columns


class Wrapper(textwrap.TextWrapper):
    """Breaks code at a space, after a bracket or a comma, before a method, or else anywhere."""

    wordsep_simple_re = re.compile(r'((?<!//)(?<! #) +|(?<=[(\[{,])|(?<=[)?])(?=\.))')


def wrap(line, width):
    rest = ' ' * (indent(line) + 2)
    return Wrapper(width, break_on_hyphens=False, subsequent_indent=rest).wrap(line)


def paint(colour, text):
    """In a colour that the door has chosen, perhaps none."""
    return os.environ[colour] + text + os.environ['PLAIN'] if text.strip() else text


def show(program):
    """Prints the columns of a program."""
    # The terminal's own width, or COLUMNS, or 80.
    width = min(max(shutil.get_terminal_size().columns, 80), 200)
    left = (width - 6) * 4 // 9  # Rust has the longer lines
    print(paint('BOLD', f'── {program.name} '.ljust(width, '─')))
    names = f'{program.python_path.name:{left}}      {program.rust_path.name}'
    print(paint('DIM', names))
    for row in program.rows:
        is_addition = row.python is None
        mark = '+' if is_addition else row.number
        middle = paint('GREEN' if is_addition else 'BOLD', f'{mark:>3}')
        rust = []
        for at in row.rust:
            rust += wrap(program.rust[at], width - 6 - left)
        if is_addition:
            rust = [paint('GREEN', line) for line in rust]
        columns(
            f'{{:{left}}} {{:3}}  {{}}', wrap(row.python or '', left), [middle], rust
        )


def main(*names):
    for at, program in enumerate([*map(Program, names or PROGRAMS)]):
        print('\n' * bool(at), end='')
        show(program)
