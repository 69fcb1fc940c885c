"""Reads Python source as Python does, and changes the constants in it."""

from __future__ import annotations

import ast
import tokenize
from pathlib import Path
from typing import Any, Iterator, Tuple


def read(path: Path) -> str:
    """The text of a Python file: Python's rules for BOM and coding lines hold."""
    with tokenize.open(str(path)) as file:
        return file.read()


def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_bytes(), str(path))


def missing(path: Path, shown: str) -> str:
    """A sentence if there is no such file. Windows hides the end of `.py.txt`."""
    if path.is_file():
        return ''
    similar = sorted(one.name for one in path.parent.glob(f'*{path.suffix}*'))
    there = f'has {", ".join(similar)}' if similar else f'has no {path.suffix} file'
    return f'there is no file {shown}; its folder {there}'


def values(module: ast.Module, name: str) -> Iterator[Tuple[Any, Any]]:
    """Where the values stand that a name gets, also in `HOST, PORT = '', 21567`: a container, and
    the key of the value in it."""
    for node in ast.walk(module):
        if not isinstance(node, (ast.Assign, ast.AnnAssign)):
            continue
        several = getattr(node.value, 'elts', [])
        for target in getattr(node, 'targets', None) or [node.target]:  # type: ignore
            if getattr(target, 'id', '') == name and node.value:
                yield vars(node), 'value'
            for key, one in enumerate(getattr(target, 'elts', [])[: len(several)]):
                if getattr(one, 'id', '') == name:
                    yield several, key


def assigned(text: str, name: str) -> Any:
    """The value of the constant `name`; None if it is not written out."""
    for container, key in values(ast.parse(text), name):
        try:
            return ast.literal_eval(container[key])
        except ValueError:
            continue
    return None


def replace(module: ast.Module, name: str, value: Any) -> bool:
    """Gives a constant another value, wherever it is assigned; all lines and columns stay."""
    places = list(values(module, name))
    for container, key in places:
        container[key] = ast.copy_location(ast.Constant(value), container[key])
    return bool(places)
