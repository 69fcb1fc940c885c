#!/usr/bin/env python3
"""Checks an exercise of LESSON.md: it runs your program, as it is in its file now, and talks to it.

Without a language it checks each version that you have changed. It prints `solved`, or in one
sentence what is missing, in at most 15 seconds after cargo has built. To get a program back, unpack
the ZIP again or use `git restore FOLDER`. Exit status: 0 solved, 1 not yet, 2 wrong arguments.
"""
import argparse
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent / 'exercises'))
sys.dont_write_bytecode = True
from checks import EXERCISES, files_of, is_changed, verdict     # noqa: E402

LANGUAGES = 'python', 'rust'


def main():
    sys.stdout.reconfigure(errors='replace')    # a console may lack some
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('name', type=str.lower, choices=EXERCISES)
    parser.add_argument('language', type=str.lower, choices=LANGUAGES, nargs='?')
    given = parser.parse_args()
    chosen = [given.language] if given.language else [
        one for one in LANGUAGES if is_changed(given.name, one)]
    if not chosen:
        names = [str(path) for one in LANGUAGES for path in files_of(given.name, one)]
        print(textwrap.fill(f"unchanged: {', '.join(names)}. Did you edit one of these, and save "
                            'it?', 80, break_on_hyphens=False))
        return 1
    with ThreadPoolExecutor() as pool:
        verdicts = list(pool.map(partial(verdict, given.name), chosen))
    for language, text in zip(chosen, verdicts):
        print(textwrap.fill(f'{language:7} {text}', 80, subsequent_indent=' ' * 8,
                            break_on_hyphens=False))
    return int(set(verdicts) != {'solved'})


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
