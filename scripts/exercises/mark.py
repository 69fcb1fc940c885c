"""What mark.py does: it checks each hand-in in a copy of this project, in a process of its own."""

import argparse
import csv
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from functools import partial
from pathlib import Path

from exercises.originals import EXERCISES, LANGUAGES, is_changed, paths
from exercises.student import say
from stage import words
from stage.project import PROGRAMS, TOP

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore

SECONDS = {'python': 40, 'rust': 300}  # for a check; cargo builds everything anew
LIMITS = {'AS': 1 << 32, 'FSIZE': 1 << 25, 'NPROC': 4000}  # the last one not for root
NAMESPACE = 'unshare -rpf --kill-child'
SUBREAPER = 36  # orphans become children of this process
NOT_COPIED = shutil.ignore_patterns('tests', 'target', '*.html', '*.patch')
SKIPPED = re.compile(r'(^|/)([._]|target/)')  # hidden, or made by tools
PACKED = re.compile(r'(?i)\.(zip|rar|7z|tar|t?gz|xz)$')
ALWAYS = 'no folder', 'packed', 'link', 'several'  # are said
SHOWN, LONGEST = 9, 1000  # names of files, letters of a sentence


def original(path):
    """The program that a file is by its name; for Rust's main.rs its folder's name counts, too."""
    for name, versions in PROGRAMS.items():
        for own in (one.path for one in versions):
            is_named = own.suffix == '.py' or name in path.parts[-3:-1]
            if is_named and path.name == own.name:
                return own
    return None


def text_of(path):
    """An editor of Windows may have changed the ends of lines."""
    return path.read_bytes().replace(b'\r\n', b'\n')


def kind(path, own, programs):
    """What is said of a file; nothing if it is a changed program."""
    if path.is_symlink():
        return 'link'
    if PACKED.search(path.name):
        return 'packed'
    if not own:
        return 'no program'
    if text_of(path) == text_of(own):
        return 'unchanged'
    return 'several' if own in programs else ''


def beside(path):
    for one in path.parent.glob(f'*{path.suffix}'):
        if one.is_file() and not one.is_symlink():
            yield one.name, one.read_bytes()


def read(top):
    """The changed programs of a hand-in, each with the files beside it, which it may import; and the
    names of all others, by what is said of them."""
    programs, others = {}, {}
    if top.is_symlink() or top.is_file():
        others[kind(top, None, {}).replace('program', 'folder')] = [top.name]
        return programs, others
    for path in sorted(top.rglob('*'), key=lambda one: (len(one.parts), one)):
        name, own = path.relative_to(top).as_posix(), original(path)
        if SKIPPED.search(name) or not (path.is_file() or path.is_symlink()):
            continue
        key = kind(path, own, programs)
        if key:
            others.setdefault(key, []).append(name)
        else:
            programs[own] = dict(beside(path))
    return programs, others


def limit():
    for name, most in LIMITS.items():
        with suppress(OSError, ValueError):  # a lower one is set already
            resource.setrlimit(getattr(resource, f'RLIMIT_{name}'), (most, most))


def end(process):
    """Ends a process, its group, and on Linux whatever they have started."""
    process.kill()
    if hasattr(os, 'killpg'):
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    children = Path(f'/proc/self/task/{os.getpid()}/children')
    while children.exists() and children.read_text():
        for pid in map(int, children.read_text().split()):
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    process.wait()


def run(command, seconds, **options):
    """What a command prints, or nothing if it takes too long."""
    options.update(start_new_session=True, preexec_fn=resource and limit)
    with tempfile.TemporaryFile() as output:
        options.update(stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        process = subprocess.Popen(command, **options)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            return ''
        finally:
            end(process)
        output.seek(0)
        return output.read().decode('utf-8', 'replace')


def fill(tree, programs):
    """This project, with the programs of a hand-in."""
    for name in ['scripts', 'common', *PROGRAMS]:
        shutil.copytree(TOP / name, tree / name, ignore=NOT_COPIED)
    for path in TOP.glob('Cargo.*'):
        shutil.copy(path, tree)
    for own, files in programs.items():
        for name, data in files.items():
            (tree / own.relative_to(TOP)).with_name(name).write_bytes(data)


def verdict(programs, name, language, given):
    """What exercise.py says to this student. Home and temporary files are in a folder that is removed;
    cargo and its crates are where they were."""
    folder, home = tempfile.mkdtemp(), Path.home()
    own = 'HOME', 'USERPROFILE', 'TMPDIR', 'TEMP', 'TMP', 'PWD', 'OLDPWD'
    environment = {
        'CARGO_HOME': str(home / '.cargo'),
        'RUSTUP_HOME': str(home / '.rustup'),
        **os.environ,
        **dict.fromkeys(own, folder),
        'PYTHONIOENCODING': 'utf-8',
    }
    tree = Path(folder, 'project')
    command = [sys.executable, str(tree / 'scripts/exercise.py'), name, language]
    command += ['--seed', str(given.seed), '--lang', given.lang]
    try:
        fill(tree, programs)
        text = run(
            given.namespace + command, SECONDS[language], cwd=tree, env=environment
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    solved, not_yet = say('solved'), say('not yet', text='').strip()
    said = re.findall(rf'(?ms)^{language} +({solved}\n|{not_yet}.*)\Z', text)
    last = ['', *text.splitlines()][-1]
    return said[0] if said else say('not yet', text=given.say('no verdict', text=last))


def clean(text):
    """One line, without anything that a terminal obeys."""
    text = re.sub(f'(?<={words.WIDE}) (?={words.WIDE})', '', ' '.join(text.split()))
    text = words.shorten(text)
    return ''.join(one if one.isprintable() else '?' for one in text)[:LONGEST]


def checks(programs, others, given):
    """Of a hand-in: exercise, language, and what the student would see."""
    keys = [key for key in ALWAYS if key in others]
    if not programs and not keys:
        keys = ['unchanged' if 'unchanged' in others else 'no program']
    join = words.words().join
    for key in keys:
        yield '', '', given.say(key, files=join('names', others.get(key, '-')[:SHOWN]))
    for language in LANGUAGES:
        for name in given.only:
            if programs.keys() & {*paths(name, language)}:
                yield name, language, verdict(programs, name, language, given)


def table(rows):
    """A line for each hand-in and language. The name is last: no width has to be known."""
    lines = {}
    for who, name, language, text in rows:
        lines.setdefault((language, who), {})[name] = re.split('[:：]', text)[0]
    yield [*EXERCISES, '', '']
    for (language, who), cells in lines.items():
        yield [*(cells.get(name, '-') for name in EXERCISES), language or '-', who]


def arguments(description):
    options = words.parser(description)
    options.add_argument('FOLDER', type=Path)
    file = argparse.FileType('w', encoding='utf-8-sig', errors='replace')
    options.add_argument('--csv', type=file, metavar='FILE', default=os.devnull)
    options.add_argument('--seed', type=int, default=1)
    every = list(EXERCISES)
    options.add_argument('--only', choices=every, nargs='+', default=every)
    given = options.parse_args()
    given.namespace = []  # what makes one, where that is allowed
    given.say = partial(words.words(), 'mark')
    if not given.FOLDER.is_dir():
        options.error(given.say('not there', folder=given.FOLDER))
    if any(is_changed(name, one) for name in EXERCISES for one in LANGUAGES):
        options.error(given.say('own copy'))
    return given


def main(description):
    given, rows = arguments(description), []
    if sys.platform == 'linux':
        ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)
        is_allowed = run(['sh', '-c', f'{NAMESPACE} echo yes'], 9) == 'yes\n'
        given.namespace = NAMESPACE.split() * is_allowed
    file = csv.writer(given.csv, lineterminator='\n')
    file.writerow(given.say('columns').split())
    tops = sorted(given.FOLDER.resolve().glob('[!.]*'))
    # All are read before the first one runs.
    for top, files in [(one, read(one)) for one in tops if one.suffix != '.csv']:
        for check in checks(*files, given):
            rows.append([*map(clean, (top.name, *check))])
            file.writerow(rows[-1])
            parts = filter(None, rows[-1])
            print(words.words().join('parts', parts), flush=True)
    print()
    for line in table(rows):
        cells = (words.narrow(f'{words.wide(one):9}') for one in line[:-1])
        print(*cells, line[-1])
