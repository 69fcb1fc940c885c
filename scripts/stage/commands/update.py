"""What update.sh does: makes all that is derived from the programs anew."""

import re
import shlex
import subprocess
import tempfile
from pathlib import Path

from stage import docs
from stage.project import SCRIPTS, TOP

STILL, MOVING = SCRIPTS / 'step-view.png', SCRIPTS / 'lost-reply.png'
CHROMIUM = 'chromium --headless --no-sandbox --hide-scrollbars --window-size=1280,720'
# The steps of a reply that is lost and sent again, and how long each is seen, in seconds.
SCENE = {24: 1, 26: 1, 28: 1.5, 30: 1, 32: 2.5, 34: 1.5, 36: 1.5}


def left():
    """Files that still have a text that the uncommitted change has taken out of a program."""
    changed = docs.run("git diff HEAD -U0 -- '*-*/*.py' '*-*/src/main.rs'")
    removed = re.findall(r"""(?m)^-.*?(["'])(.{4,}?)\1""", changed)
    for text in sorted({text for _, text in removed}):
        found = docs.run(f'git grep -lF {shlex.quote(text)} || true')
        yield from [f'{name}: {text!r}' for name in found.splitlines()]


def broken_patches():
    """Solutions of exercises that can no longer be applied."""
    for path in sorted((SCRIPTS / 'exercises').glob('*.patch')):
        check = ['git', 'apply', '-C0', '--check', path]
        if subprocess.run(check, cwd=TOP, stderr=subprocess.DEVNULL).returncode:
            yield f'{path.relative_to(TOP)}: it can no longer be applied'


def screenshot(path, step):
    """The page at a step."""
    url = f'file://{SCRIPTS}/page.html#{step}'
    command = [*CHROMIUM.split(), f'--screenshot={path}', url]
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)


def picture():
    """The pictures in README.md: a still one, and a moving one."""
    from PIL import Image

    screenshot(STILL, 'hello-tcp-step-18')
    with tempfile.TemporaryDirectory() as folder:
        frames = []
        for step in SCENE:
            path = Path(folder, f'{step}.png')
            screenshot(path, f'lost-reply-tcp-step-{step}')
            frames.append(Image.open(path).convert('RGB').resize((800, 450)))
        colours = frames[-3].quantize(24)
        frames = [frame.quantize(palette=colours, dither=0) for frame in frames]
        options = {'save_all': True, 'append_images': frames[1:], 'optimize': True}
        times = [int(seconds * 1000) for seconds in SCENE.values()]
        frames[0].save(MOVING, duration=times, loop=0, **options)
    print(STILL.name, MOVING.name)


def main():
    from exercises import originals

    originals.write()
    print('originals.sha256')
    for page in docs.PAGES:
        if not docs.is_translation(page) and docs.record_anew(page):
            print(page.relative_to(TOP), flush=True)
    subprocess.run(['bash', SCRIPTS / 'page.sh'], check=True)
    picture()
    todo = [*left(), *broken_patches()]
    if todo:
        print(
            '\nTo be edited by hand; an old text is still there, or a patch needs another one:'
        )
        print(*todo, sep='\n')
    print('\nThen run: cargo test --workspace --no-fail-fast')
