"""What update.sh does: makes all that is derived from the programs anew."""

import re
import shlex
import subprocess
import sys

from stage import docs
from stage.project import SCRIPTS, TOP

PICTURE = SCRIPTS / 'step-view.png'
CHROMIUM = (
    'chromium --headless --no-sandbox --hide-scrollbars --window-size=1280,720 '
    f'--screenshot={PICTURE} file://{SCRIPTS}/page.html#hello-tcp-step-18'
)


def left():
    """Files that still have a text that the uncommitted change has taken out of a program."""
    changed = docs.run("git diff HEAD -U0 -- '*-*/*.py' '*-*/src/main.rs'")
    for _, text in sorted({*re.findall(r"""(?m)^-.*?(["'])(.{4,}?)\1""", changed)}):
        found = docs.run(f'git grep -lF {shlex.quote(text)} || true')
        yield from [f'{name}: {text!r}' for name in found.splitlines()]


def broken_patches():
    """Solutions of exercises that can no longer be applied."""
    for path in sorted((SCRIPTS / 'exercises').glob('*.patch')):
        check = ['git', 'apply', '--check', path]
        if subprocess.run(check, cwd=TOP, stderr=subprocess.DEVNULL).returncode:
            yield f'{path.relative_to(TOP)}: it can no longer be applied'


def main():
    from exercises import originals

    originals.write()
    print('originals.sha256')
    for page in docs.PAGES:
        if not docs.is_translation(page) and docs.record_anew(page):
            print(page.relative_to(TOP), flush=True)
    subprocess.run(['bash', SCRIPTS / 'page.sh'], check=True)
    if subprocess.run(CHROMIUM.split(), stderr=subprocess.DEVNULL).returncode:
        print('update.sh: no new picture, since chromium is missing', file=sys.stderr)
    todo = [*left(), *broken_patches()]
    if todo:
        print(
            '\nTo be edited by hand; an old text is still there, or a patch needs another one:'
        )
        print(*todo, sep='\n')
    print('\nThen run: cargo test --workspace --no-fail-fast')
