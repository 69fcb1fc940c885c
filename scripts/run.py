#!/usr/bin/env python3
"""Runs a Python program, as it is in its file now, on another address.

Without HOST and PORT the program uses its own constants. Otherwise `HOST = …` and `PORT = …` get
these values as the file is loaded; every line keeps its number.
"""

import sys
from os.path import dirname, realpath

modules, folders = set(sys.modules), list(sys.path)
sys.path.insert(0, dirname(realpath(__file__)))

from stage import runner  # noqa: E402

runner.main(__doc__, modules, folders)
