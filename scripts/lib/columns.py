"""The two columns, on the screen: columns.py [--colour] PROGRAM…"""
import re
import shutil
import signal
import sys
from itertools import zip_longest

from join import Program, Untrue, indent


def wrap(line, width):
    """Breaks a line of code, the rest hanging a little deeper: before a comment,
    else after a space or before a method, else at another sign, else anywhere."""
    stops = [r'(?<= )(?=(?://|#) )', r'(?<=\S )(?<!// )(?=\S)|(?<=[)?])(?=\.)',
             r'(?<=[(\[{,])|(?=\.\w)|(?<=::)', '']
    hang = ' ' * min(indent(line) + 2, width // 2)
    lines, start = [], ''
    while len(start + line) > width:
        room, least = width - len(start), max(indent(line) + 1, width // 3 - len(start))
        for stop in stops:
            cut = max((found.start() for found in re.finditer(stop, line[:room + 1])), default=0)
            if least <= cut:
                break
        lines.append((start + line[:cut]).rstrip())
        start, line = hang, line[cut:].lstrip()
    return lines + [start + line]


def side_by_side(names, colour):
    """Prints the columns of these programs."""
    programs = [Program(name) for name in names]
    # A terminal's own width, or COLUMNS, or 80.
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 80), 200)
    left = (width - 6) * 4 // 9  # Rust has the longer lines
    right = width - 6 - left

    def paint(code, text):
        return f'\33[{code}m{text}\33[0m' if colour and code and text.strip() else text

    for program in programs:
        if program is not programs[0]:
            print()
        print(paint('1', f'── {program.name} '.ljust(width, '─')))
        print(paint('2', f'{program.python_file:{left}}      main.rs'))
        for row in program.rows:
            number = '+' if row.kind == 'addition' else str(row.number)
            style = '32' if row.kind == 'addition' else '1'
            python = wrap(row.python, left) if row.python else []
            rust = [part for at in row.rust for part in wrap(program.rust[at], right)]
            middle = paint(style, f'{number:>3}')
            for one, two in zip_longest(python or [''], rust, fillvalue=''):
                two = paint('32' if row.kind == 'addition' else '', two)
                print(f'{one:{left}} {middle}  {two}'.rstrip())
                middle = '   '


if __name__ == '__main__':
    if hasattr(signal, 'SIGPIPE'):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `| head`
    try:
        side_by_side([name for name in sys.argv[1:] if name != '--colour'], '--colour' in sys.argv)
    except Untrue as wrong:
        sys.exit(str(wrong))
