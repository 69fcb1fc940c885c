#!/usr/bin/env python3
"""Checks before the lesson whether this machine is ready: Python, the port, TCP and UDP. It prints
`ready`, or what is wrong and what to do.

With HOST, checks whether the servers on that machine answer from here: start them there first, with
`scripts/run.py tcp-server 0.0.0.0` and `scripts/run.py udp-server 0.0.0.0`. Exit status: 0 if both
have answered.
"""

import sys
from os.path import dirname, realpath

sys.path.insert(0, dirname(realpath(__file__)))

from stage.language import chosen, texts  # noqa: E402

if sys.version_info < (3, 8):
    version = '.'.join(map(str, sys.version_info[:3]))
    text = texts(chosen())['ready']['old'].format(version=version)
    if str is bytes:  # Python 2
        text = text.encode(sys.stderr.encoding or 'utf-8', 'replace')
    sys.exit(text)

from stage import ready  # noqa: E402

ready.main(__doc__)
