"""Copies of the tree, and the Python that runs there: this one, or that of TEST_PYTHON."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PYTHON = shlex.split(os.environ.get('TEST_PYTHON', '')) or [sys.executable]
LIST = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']


class Tree:
    """A copy of the tree, and what people do in it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        shutil.rmtree(self.folder, ignore_errors=True)
        files = subprocess.run(LIST, cwd=TOP, stdout=subprocess.PIPE, check=True).stdout
        for name in filter(None, files.decode().split('\0')):
            if (TOP / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(TOP / name, self.folder / name)

    def read(self, name):
        return (self.folder / name).read_text('utf-8')

    def write(self, name, text, encoding='utf-8', newline='\n'):
        with open(self.folder / name, 'w', encoding=encoding, newline=newline) as file:
            file.write(text)

    def edit(self, name, *pairs):
        """Replaces texts, each of which is there."""
        text = self.read(name)
        for old, new in pairs:
            assert old in text
            text = text.replace(old, new)
        self.write(name, text)

    def apply(self, *names):
        """Applies patches; the lines around a change may be others by now."""
        folder = self.folder / 'scripts/exercises'
        patches = [folder / f'{name}.patch' for name in names]
        subprocess.run(['git', 'apply', '-C0', *patches], cwd=self.folder, check=True)

    def options(self, environment):
        return {
            'cwd': self.folder,
            'encoding': 'utf-8',
            'errors': 'replace',
            'env': {**os.environ, 'PYTHONIOENCODING': 'utf-8', **environment},
            'stdout': subprocess.PIPE,
            'stderr': subprocess.STDOUT,
        }

    def run(self, *arguments, wrapper=(), python=PYTHON, **environment):
        """Runs Python; returns its exit status and what it has printed, in one line."""
        argv = [*wrapper, *python, *arguments]
        options = self.options(environment)
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, timeout=60, **options)
        return done.returncode, ' '.join(done.stdout.split())

    def start(self, command):
        """Starts a program; its messages go where its output goes."""
        options = self.options({'PYTHONUNBUFFERED': '1'})
        return subprocess.Popen(command, stdin=subprocess.PIPE, **options)
