#!/usr/bin/env python3
"""Checks before the lesson whether this machine is ready: Python, the port, TCP and UDP. It prints
`ready`, or what is wrong and what to do."""

import sys
from os.path import dirname, realpath

if sys.version_info < (3, 8):
    sys.exit(
        'not ready: this is Python %d.%d.%d\n'
        'Get 3.8 or later from https://www.python.org' % sys.version_info[:3]
    )
sys.path.insert(0, dirname(realpath(__file__)))

from stage import ready  # noqa: E402

ready.main()
