"""The tests find the package beside them, and get a copy of the tree if they change files."""

import os
import sys
from pathlib import Path

import pytest

# What they expect is English, whatever the system speaks.
os.environ.pop('LC_ALL', None)
os.environ['LC_MESSAGES'] = 'C'
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from trees import copied  # noqa: E402


@pytest.fixture
def tree(tmp_path):
    return copied(tmp_path / 'a tree 你好')
