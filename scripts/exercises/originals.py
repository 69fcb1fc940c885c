"""The programs of each exercise, and whether a student has changed them."""

import hashlib
from pathlib import Path

from stage.project import PROGRAMS, TOP
from stage.words import words

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


def path_of(program, language):
    return PROGRAMS[program][LANGUAGES.index(language)].path


def paths(exercise, *languages):
    programs = EXERCISES[exercise]
    return [path_of(program, one) for one in languages for program in programs]


def shown(files):
    """Paths from the top folder."""
    return words().join('names', (str(path.relative_to(TOP)) for path in files))


def line(path):
    """As `sha256sum` writes it. An editor of Windows may have changed the ends of lines."""
    data = path.read_bytes().replace(b'\r\n', b'\n')
    return f'{hashlib.sha256(data).hexdigest()}  {path.relative_to(TOP).as_posix()}\n'


def is_changed(exercise, language):
    known = HASHES.read_text('utf-8')
    return not all(line(path) in known for path in paths(exercise, language))


def hashes():
    """Those of the programs as they are now."""
    versions = [one for several in PROGRAMS.values() for one in several]
    return ''.join(line(one.path) for one in versions)


def write():
    """The programs as they are now are the originals from now on."""
    HASHES.write_text(hashes(), 'utf-8')
