#!/usr/bin/env python3
"""Marks a class: FOLDER has one folder for each hand-in, with a whole project or single files.

Single files are found by their names: udp_server.py, and in Rust udp-server/main.rs. Every exercise
whose program was changed is checked, one at a time, by the checks of this copy of the project, in a
temporary folder, with limits of time, memory and file size. The CSV file has a row for each check:
name, exercise, language, and `solved` or the sentence that the student would see.

All programs that a hand-in starts are killed after its check. But they run as you, so they could
change any file that you can change. To be safe, use another user's account or a virtual machine.
"""

import sys
from contextlib import suppress
from os.path import dirname, realpath

sys.path.insert(0, dirname(realpath(__file__)))

from exercises import mark  # noqa: E402

if __name__ == '__main__':
    with suppress(KeyboardInterrupt):  # the rows so far are in the CSV file
        sys.exit(mark.main(__doc__))
    sys.exit(130)
