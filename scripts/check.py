#!/usr/bin/env python3
"""Checks before the lesson whether this machine is ready: Python, the port, TCP and UDP. It prints
`ready`, or what is wrong and what to do.

With HOST, checks whether the servers on that machine answer from here: start them there first, with
`scripts/run.py tcp-server 0.0.0.0` and `scripts/run.py udp-server 0.0.0.0`. Exit status: 0 if both
have answered.
"""

import sys
from os.path import dirname, realpath

if sys.version_info < (3, 8):
    sys.exit(
        'not ready: this is Python %d.%d.%d\n'
        'Get 3.8 or later from https://www.python.org' % sys.version_info[:3]
    )
sys.path.insert(0, dirname(realpath(__file__)))

from stage import ready  # noqa: E402

ready.main(__doc__)
