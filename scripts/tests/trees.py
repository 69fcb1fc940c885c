"""Copies of the tree, and stories of what people do in one.

A story begins with its title. Then each line is one of these:

    edit FILES: OLD → NEW   replaces a text, which is there
    write FILE: TEXT        makes a file
    do COMMAND              runs it without an error
    $ COMMAND               runs it; the next line is what follows:
    STATUS TEXT             its exit status and all that it prints, in one line; * is any text
    not TEXT                is not in that

In a command, `python3` is that of TEST_PYTHON, or this one; `play` is play.sh of this tree. In a text,
\\n ends a line; a line that ends with \\ goes on in the next one. {port} is a free port, {processes} a
TCP server with a process for each client.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest

from stage.processes import free_port
from stage.project import SCRIPTS, TOP

LIST = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
PYTHON = shlex.split(os.environ.get('TEST_PYTHON', '')) or [sys.executable]
here = pytest.mark.skipif(len(PYTHON) > 1, reason='another system')
NO_LOOPBACK = 'ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec "$@"'
WORDS = {
    'python3': PYTHON,
    'play': ['bash', str(SCRIPTS / 'play.sh')],
    'from-here': ['unshare', '-rn', 'sh', 'network.sh'],
    'no-loopback': ['unshare', '-rn', 'sh', '-c', NO_LOOPBACK, 'sh'],
}

PROCESSES = """\
from multiprocessing import get_context
from socket import AF_INET, SOCK_STREAM, socket
from time import ctime
HOST = ''
PORT = 21567
BUFSIZ = 1024
ADDR = (HOST, PORT)


def talk(tcp_cli_sock):
    while True:
        data = tcp_cli_sock.recv(BUFSIZ)
        if not data:
            break
        tcp_cli_sock.send(b'[%s] %s' % (bytes(ctime(), 'utf-8'), data))


if __name__ == '__main__':
    tcp_ser_sock = socket(AF_INET, SOCK_STREAM)
    tcp_ser_sock.bind(ADDR)
    tcp_ser_sock.listen(5)
    while True:
        print('waiting', flush=True)
        tcp_cli_sock, addr = tcp_ser_sock.accept()
        get_context('spawn').Process(target=talk, args=[tcp_cli_sock], daemon=True).start()
        tcp_cli_sock.close()
"""


def stories(text):
    """For a test with the parameter `story`."""
    several = text.strip().split('\n\n')
    ids = [story.splitlines()[0] for story in several]
    return pytest.mark.parametrize('story', several, ids=ids)


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f'no {", ".join(missing)}')


def data_of(page):
    """The texts and the recordings in a page."""
    return json.loads(re.search('id="data">(.*?)</script>', page.read_text('utf-8'))[1])


class Tree:
    """A folder with the project, and what people do in it."""

    def __init__(self, folder=TOP, **environment):
        self.folder = folder
        self.environment = {'PYTHONIOENCODING': 'utf-8', 'COLUMNS': '80', **environment}

    def edit(self, names, old, new):
        paths = list(self.folder.glob(names))
        assert paths
        for path in paths:
            text = path.read_text('utf-8')
            assert old in text
            path.write_text(text.replace(old, new), 'utf-8')

    def start(self, command, **environment):
        """Its messages go where its output goes."""
        words = shlex.split(command) if isinstance(command, str) else command
        return subprocess.Popen(
            [part for word in words for part in WORDS.get(word, [word])],
            cwd=self.folder,
            env={**os.environ, **self.environment, **environment},
            encoding='utf-8',
            errors='replace',
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )

    def run(self, command):
        """The exit status, and what is printed, in one line."""
        process = self.start(command)
        output, _ = process.communicate('', timeout=300)
        return process.returncode, ' '.join(output.split())

    def says(self, command, status, pattern):
        found, self.text = self.run(command)
        print(command, found, self.text)
        assert fnmatch.fnmatchcase(self.text, pattern.replace('[', '[[]'))
        assert found == int(status)

    def follow(self, story):
        story = story.replace('\\\n', '').replace('{port}', str(free_port()))
        story = story.replace('{processes}', PROCESSES.replace('\n', r'\n'))
        lines = iter(story.splitlines()[1:])
        for line in lines:
            verb, _, rest = line.partition(' ')
            if verb == '$':
                self.says(rest, *next(lines).split(' ', 1))
            elif verb == 'do':
                self.says(rest, 0, '*')
            elif verb == 'not':
                assert rest not in self.text
            else:
                names, text = rest.replace('\\n', '\n').split(': ', 1)
                if verb == 'edit':
                    self.edit(names, *text.split(' → '))
                else:
                    (self.folder / names).write_text(text, 'utf-8')


def copied(folder, **environment):
    """A copy of the tree, without what git ignores."""
    shutil.rmtree(folder, ignore_errors=True)
    files = subprocess.run(LIST, cwd=TOP, stdout=subprocess.PIPE, check=True).stdout
    for name in filter(None, files.decode().split('\0')):
        if (TOP / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, folder / name)
    return Tree(folder, **environment)
