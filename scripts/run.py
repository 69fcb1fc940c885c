#!/usr/bin/env python3
"""Runs a Python program, as it is in its file now, on another address.

usage: run.py PROGRAM [HOST [PORT]]

  PROGRAM  tcp-server, tcp-client, udp-server or udp-client; or the path of a .py file
  HOST     a name or an IPv4 address; for a server, '' is every interface
  PORT     0 to 65535

Without HOST and PORT the program uses its own constants. Otherwise the lines `HOST = …` and
`PORT = …` are replaced as the file is loaded; every line keeps its number.
"""
import re
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = 'tcp-server', 'tcp-client', 'udp-server', 'udp-client'


def replace(text, name, value):
    """Gives the line `NAME = …` another value; all columns stay."""
    def line(match):
        return f'{name} = {value!r}'.ljust(len(match[0]))
    text, found = re.subn(rf'(?m)^{name} = [^#\n]*', line, text, count=1)
    if not found:
        sys.exit(f'run.py: there is no line that begins with {name} =')
    return text


def main():
    arguments = sys.argv[1:]
    if arguments in (['-h'], ['--help']):
        sys.exit(print(__doc__.strip()))
    if not 1 <= len(arguments) <= 3:
        sys.exit(print(__doc__.strip(), file=sys.stderr) or 2)
    program, *address = arguments
    path = Path(program)
    if program in PROGRAMS:
        path = TOP / program / f"{program.replace('-', '_')}.py"
    if address[1:] and not address[1].isdigit():
        sys.exit(f"run.py: PORT is a number from 0 to 65535, not '{address[1]}'")
    try:
        text = path.read_text(encoding='utf-8')
    except OSError as error:
        sys.exit(f'run.py: {error}')
    for name, value in zip(['HOST', 'PORT'], address):
        text = replace(text, name, int(value) if name == 'PORT' else value)
    sys.argv = [str(path)]
    exec(compile(text, str(path), 'exec'), {'__name__': '__main__', '__file__': str(path)})


main()
