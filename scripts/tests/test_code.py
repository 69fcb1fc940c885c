"""The code of the scripts is easy to read."""

import ast

import pytest

from stage.project import SCRIPTS

FILES = sorted(path for path in SCRIPTS.glob('**/*.py'))
MOST = 40  # lines


@pytest.mark.parametrize('path', FILES, ids=lambda path: path.name)
def test_no_function_is_longer_than_a_screen(path):
    functions = [
        one
        for one in ast.walk(ast.parse(path.read_text('utf-8')))
        if isinstance(one, ast.FunctionDef)
    ]
    lengths = {one.name: one.end_lineno - one.lineno + 1 for one in functions}
    assert {name: lines for name, lines in lengths.items() if lines > MOST} == {}
