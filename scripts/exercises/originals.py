"""The programs of each exercise, and whether a student has changed them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import List

from stage.project import PROGRAMS, TOP, Version

EXERCISES = {
    'shout': ['udp-server'],
    'patience': ['tcp-client'],
    'whole': ['tcp-server', 'tcp-client'],
    'two': ['tcp-server'],
    'silence': ['tcp-server'],
    'trust': ['udp-client'],
    'before': ['udp-server'],
    'strict': ['tcp-client'],
    'menu': ['udp-server'],
}
HASHES = Path(__file__).with_name('originals.sha256')
LANGUAGES = 'python', 'rust'  # the place of a language in PROGRAMS


def version(program: str, language: str) -> Version:
    return PROGRAMS[program][LANGUAGES.index(language)]


def shown(path: Path) -> str:
    """A path from the top folder."""
    return str(path.relative_to(TOP))


def paths(exercise: str, language: str) -> List[Path]:
    return [version(program, language).path for program in EXERCISES[exercise]]


def line(path: Path) -> str:
    """As `sha256sum` writes it. An editor of Windows may have changed the ends of lines."""
    data = path.read_bytes().replace(b'\r\n', b'\n')
    return f'{hashlib.sha256(data).hexdigest()}  {path.relative_to(TOP).as_posix()}\n'


def is_changed(exercise: str, language: str) -> bool:
    known = HASHES.read_text('utf-8')
    return not all(line(path) in known for path in paths(exercise, language))


def write() -> None:
    """The programs as they are now are the originals from now on."""
    files = [one.path for versions in PROGRAMS.values() for one in versions]
    HASHES.write_text(''.join(map(line, files)), 'utf-8')
