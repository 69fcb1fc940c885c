"""What run.py does: it becomes a Python program, on another address."""

import argparse
import ast
import re
import sys
from functools import partial
from pathlib import Path
from types import ModuleType

from stage import source
from stage.project import PROGRAMS
from stage.words import parser, words

say = partial(words(), 'run')
NAMES = words().join('names', PROGRAMS)
Wrong = argparse.ArgumentTypeError


def file_of(program):
    """The file of a program, or of a path."""
    path = PROGRAMS[program][0].path if program in PROGRAMS else Path(program)
    problem = source.missing(path, f'{path.parent.name}/{path.name}')
    if problem and path.suffix != '.py':
        problem = say('no program', program=program, names=NAMES)
    if problem:
        raise Wrong(problem)
    return path


def host(text):
    if text.isdigit():
        raise Wrong(say('port first', text=text))
    return text


def port(text):
    if not re.fullmatch('[0-9]{1,5}', text):  # above 65535, Python itself says so
        raise Wrong(say('no port', text=text))
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
            sys.exit(say('no line', file=path.name, name=name))
    return compile(tree, str(path), 'exec', dont_inherit=True)


def main(description, modules, folders):
    """Runs a program. `modules` and `folders` are those that Python has begun with: the program
    gets these, its own folder, and nothing of ours."""
    errors = sys.stdout.errors
    options = parser(description)
    options.add_argument('PROGRAM', type=file_of, help=say('PROGRAM', names=NAMES))
    options.add_argument('HOST', type=host, nargs='?', help=say('HOST'))
    options.add_argument('PORT', type=port, nargs='?', help=say('PORT'))
    given = options.parse_args()
    sys.stdout.reconfigure(errors=errors)
    path = given.PROGRAM
    code = compiled(path, {'HOST': given.HOST, 'PORT': given.PORT})
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
