"""The code of the scripts is easy to read."""

import ast

from stage.project import SCRIPTS


def test_no_function_is_longer_than_40_lines():
    assert [
        f'{path.name}: {one.name}'
        for path in SCRIPTS.glob('**/*.py')
        for one in ast.walk(ast.parse(path.read_text('utf-8')))
        if isinstance(one, ast.FunctionDef) and one.end_lineno - one.lineno >= 40
    ] == []
