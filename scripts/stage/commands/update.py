"""What update.sh does: makes all that is derived from the programs anew."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Iterator, List

from stage import docs
from stage.project import SCRIPTS, TOP

PICTURE = SCRIPTS / 'step-view.png'
CHROMIUM = (
    'chromium --headless --no-sandbox --hide-scrollbars --window-size=1280,720 '
    f'--screenshot={PICTURE} file://{SCRIPTS}/page.html#hello-tcp-step-18'
)


def output(*command: str) -> str:
    return subprocess.run(
        command, cwd=TOP, stdout=subprocess.PIPE, encoding='utf-8', check=True
    ).stdout


def texts_that_went() -> Iterator[str]:
    """The texts that the uncommitted change has taken out of the programs."""
    changed = output('git', 'diff', 'HEAD', '-U0', '--', '*-*/*.py', '*-*/src/main.rs')
    for sign, _, text in re.findall(r"""(?m)^([-+]).*?(["'])(.{4,}?)\2""", changed):
        if sign == '-':
            yield text


def left() -> Iterator[str]:
    """Files that still have such a text."""
    for text in sorted({*texts_that_went()}):
        found = subprocess.run(
            ['git', 'grep', '-lF', text],
            cwd=TOP,
            stdout=subprocess.PIPE,
            encoding='utf-8',
        ).stdout.split()
        for name in found:
            yield f'{name}: {text!r}'


def broken_patches() -> Iterator[str]:
    """Solutions of exercises that can no longer be applied."""
    for path in sorted((SCRIPTS / 'exercises').glob('*.patch')):
        check = ['git', 'apply', '--check', str(path)]
        if subprocess.run(check, cwd=TOP, stderr=subprocess.DEVNULL).returncode:
            yield f'{path.relative_to(TOP)}: it can no longer be applied'


def main(*_: str) -> int:
    from exercises import originals

    originals.write()
    print('originals.sha256')
    for page in docs.PAGES:
        if not docs.is_translation(page) and docs.record_anew(page):
            print(page.relative_to(TOP), flush=True)
    subprocess.run(['bash', str(SCRIPTS / 'page.sh')], check=True)
    if subprocess.run([*CHROMIUM.split()], stderr=subprocess.DEVNULL).returncode:
        print('update.sh: no new picture, since chromium is missing', file=sys.stderr)
    todo: List[str] = [*left(), *broken_patches()]
    if todo:
        print(
            '\nTo be edited by hand; an old text is still there, or a patch needs another one:'
        )
        print(*todo, sep='\n')
    print('\nThen run: cargo test --workspace --no-fail-fast')
    return 0
