#!/usr/bin/env python3
"""Lets everybody play scenarios in a browser, on this machine (Linux). HOST is 127.0.0.1 if there is
none, and 0.0.0.0 for a class; PORT is 8000. It prints the addresses to open, then a line for each play.
Ctrl-C ends it.

It serves the page, whose view "your own scenario" plays what somebody writes, with the four programs as
they are now. Nothing else of this machine can be reached through it: a scenario is at most 60 lines, and
is refused before anything runs if it starts more than 10 programs, types more than 8,000 bytes, or lets
more than 12 seconds pass. Two play at a time, for at most 30 seconds, and at most 40 wait.

It needs waitress (python3 -m pip install waitress), and what play.sh needs. Root may not start it; where
only root may make a network namespace, `sudo scripts/lab.py` does that and runs as the user who called.
"""

import os
import sys
from os.path import dirname, realpath

folder = dirname(realpath(__file__))
if os.environ.get('SUDO_UID', '0') not in ('', '0'):  # as the doors do
    os.environ['PYTHONDONTWRITEBYTECODE'] = '1'  # the files would be root's
    python = sys.executable
    os.execv(python, [python, folder, 'as-user', python, *sys.argv])
sys.path.insert(0, folder)

from stage import lab  # noqa: E402

lab.main(__doc__)
