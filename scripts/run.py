#!/usr/bin/env python3
"""Runs a Python program, as it is in its file now, on another address.

Without HOST and PORT the program uses its own constants. Otherwise the lines `HOST = …` and
`PORT = …` are replaced as the file is loaded; every line keeps its number.
"""
import argparse
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = 'tcp-server', 'tcp-client', 'udp-server', 'udp-client'
Wrong = argparse.ArgumentTypeError


def file_of(program):
    path = Path(program)
    if program in PROGRAMS:
        path = TOP / program / f"{program.replace('-', '_')}.py"
    if not path.is_file():
        raise Wrong(f"there is no program or file '{program}'; the programs are "
                    + ', '.join(PROGRAMS))
    return path


def host(text):
    if text.isdigit():
        raise Wrong(f"'{text}' looks like a port, but HOST is the first argument")
    return text


def port(text):
    if not re.fullmatch('[0-9]{1,5}', text):     # above 65535, Python itself says so
        raise Wrong(f"expected a number from 0 to 65535, got '{text}'")
    return int(text)


def replace(text, name, value):
    """Gives the line `NAME = …` another value; all columns stay."""
    def line(match):
        return f'{name} = {value!r}'.ljust(len(match[0]))
    text, found = re.subn(rf'(?m)^{name} = [^#\n]*', line, text, count=1)
    if not found:
        sys.exit(f"run.py: no line begins with '{name} = '")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('PROGRAM', type=file_of, help=f"{', '.join(PROGRAMS)}, or a .py file")
    parser.add_argument('HOST', type=host, nargs='?',
                        help="a name or an IPv4 address; for a server, '' is every interface")
    parser.add_argument('PORT', type=port, nargs='?', help='0 to 65535')
    given = vars(parser.parse_args())
    path = given.pop('PROGRAM')
    text = path.read_text(encoding='utf-8')
    for name, value in given.items():
        if value is not None:
            text = replace(text, name, value)
    sys.argv = [str(path)]
    exec(compile(text, str(path), 'exec'), {'__name__': '__main__', '__file__': str(path)})


main()
