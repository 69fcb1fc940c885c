"""Reads Python source as Python does, and changes the constants in it."""

import ast
import tokenize
from contextlib import suppress

from stage.words import words


def read(path):
    """The text of a Python file: Python's rules for BOM and coding lines hold."""
    with tokenize.open(str(path)) as file:
        return file.read()


def missing(path, shown):
    """A sentence if there is no such file. Windows hides the end of `.py.txt`."""
    if path.is_file():
        return ''
    similar = sorted(one.name for one in path.parent.glob(f'*{path.suffix}*'))
    say = words()
    there = say.join('names', similar) or say('source', 'none', kind=path.suffix)
    return say('source', 'missing', file=shown, there=there)


def values(module, name):
    """Where the values stand that a name gets, also in `HOST, PORT = '', 21567`: a container, and
    the key of the value in it."""
    for node in ast.walk(module):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)) or not node.value:
            continue
        several = getattr(node.value, 'elts', [])
        for target in getattr(node, 'targets', None) or [node.target]:
            names = [getattr(one, 'id', '') for one in getattr(target, 'elts', [])]
            if getattr(target, 'id', '') == name:
                yield vars(node), 'value'
            elif name in names and len(names) == len(several):
                yield several, names.index(name)


def assigned(text, name):
    """The value of the constant `name`; None if it is not written out."""
    for container, key in values(ast.parse(text), name):
        with suppress(ValueError):
            return ast.literal_eval(container[key])


def replace(module, name, value):
    """Gives a constant another value, wherever it is assigned; all lines and columns stay."""
    places = list(values(module, name))
    for container, key in places:
        container[key] = ast.copy_location(ast.Constant(value), container[key])
    return places
