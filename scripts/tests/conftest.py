"""The tests find the package beside them, and get a copy of the tree if they change files."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees import copied  # noqa: E402


@pytest.fixture
def tree(tmp_path):
    return copied(tmp_path / 'a tree 你好')
