"""What run.py does: it becomes a Python program, on another address."""

import argparse
import ast
import re
import sys
from pathlib import Path
from types import ModuleType

from stage import source
from stage.project import PROGRAMS

NAMES = ', '.join(PROGRAMS)
Wrong = argparse.ArgumentTypeError


def file_of(program):
    """The file of a program, or of a path."""
    path = PROGRAMS[program][0].path if program in PROGRAMS else Path(program)
    problem = source.missing(path, f'{path.parent.name}/{path.name}')
    if problem and path.suffix != '.py':
        problem = f"there is no program or file '{program}'; the programs are {NAMES}"
    if problem:
        raise Wrong(problem)
    return path


def host(text):
    if text.isdigit():
        raise Wrong(f"'{text}' looks like a port, but HOST is the first argument")
    return text


def port(text):
    if not re.fullmatch('[0-9]{1,5}', text):  # above 65535, Python itself says so
        raise Wrong(f"expected a number from 0 to 65535, got '{text}'")
    return int(text)


def compiled(path, constants):
    """The program's code, with other constants."""
    try:
        tree = ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError) as error:  # as Python reports it
        sys.excepthook(type(error), error.with_traceback(None), None)
        sys.exit(1)
    for name, value in constants.items():
        if value is not None and not source.replace(tree, name, value):
            sys.exit(f'run.py: {path.name} has no line that assigns a value to {name}')
    return compile(tree, str(path), 'exec', dont_inherit=True)


def main(description, modules, folders):
    """Runs a program. `modules` and `folders` are those that Python has begun with: the program
    gets these, its own folder, and nothing of ours."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument('PROGRAM', type=file_of, help=f'{NAMES}, or a .py file')
    about = "a name or an IPv4 address; for a server, '' is every interface"
    parser.add_argument('HOST', type=host, nargs='?', help=about)
    parser.add_argument('PORT', type=port, nargs='?', help='0 to 65535')
    given = vars(parser.parse_args())
    path = given.pop('PROGRAM')
    code = compiled(path, given)
    program = ModuleType('__main__')  # a child of multiprocessing loads its file
    program.__file__ = str(path)
    for name in set(sys.modules) - modules:
        del sys.modules[name]
    sys.modules['__main__'] = program
    if not getattr(sys.flags, 'safe_path', False):
        folders[0] = str(path.resolve().parent)
    sys.path[:] = folders
    sys.argv = [str(path)]
    exec(code, vars(program))
