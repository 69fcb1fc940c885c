"""check.py says `ready`, or what is wrong and what to do; the other doors open anywhere, too."""

import re
import shutil
import socket
from pathlib import Path

import pytest
from trees import PYTHON

from stage.processes import free_port

CHECK, SERVER = 'scripts/check.py', 'tcp-server/tcp_server.py'
NO_LOOPBACK = 'ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec "$@"'
NO_LOOPBACK = ['unshare', '-rn', 'sh', '-c', NO_LOOPBACK, 'sh']
INSTALLED = [*Path.home().glob('.pyenv/versions/*/bin/python'), *PYTHON[-1:]]


@pytest.fixture
def port(tree):
    """A free port, which the servers then have; others may use the usual one now."""
    port = free_port()
    for server in SERVER, 'udp-server/udp_server.py':
        tree.edit(server, ('21567', str(port)))
    return port


def test_a_machine_is_ready_more_than_once(tree, port):
    for _ in range(2):
        status, text = tree.run(CHECK)
        assert status == 0 and re.fullmatch(
            rf'ready: Python 3\.\d+\.\d+, port {port} is free, '
            'TCP and UDP work on this machine',
            text,
        )


def test_who_has_the_port_is_said(tree, port):
    with socket.create_server(('', port)):
        status, text = tree.run(CHECK)
    assert status == 1 and f'not ready: port {port} is in use End the program' in text


@pytest.mark.skipif(len(PYTHON) > 1, reason='another system')
@pytest.mark.parametrize('python', INSTALLED, ids=str)
def test_every_python_says_its_sentence(tree, port, python):
    status, text = tree.run(CHECK, python=[python])
    if status:
        assert re.fullmatch(
            r'not ready: this is Python (2|3\.[67])\.\S+ Get 3.8 .*', text
        )
    else:
        assert text.startswith('ready: Python 3.')


@pytest.mark.parametrize(
    'arguments, message',
    [
        ([CHECK], 'not ready: '),
        (['scripts/run.py', 'tcp-server'], 'argument PROGRAM: '),
        (['scripts/exercise.py', 'two'], ''),
    ],
)
def test_a_file_with_another_name_is_named(tree, arguments, message):
    (tree.folder / SERVER).rename(tree.folder / f'{SERVER}.txt')
    status, text = tree.run(*arguments)
    message += f'there is no file {SERVER}; its folder has tcp_server.py.txt'
    assert status and message in text.replace('\\', '/') and 'Traceback' not in text


def test_foreign_modules_do_no_harm(tree, port):
    foreign = tree.folder / 'foreign'
    foreign.mkdir()
    for name in 'checks', 'exercises', 'mask', 'programs', 'stage':
        (foreign / f'{name}.py').write_text('raise ImportError')
    where = {'PYTHONPATH': str(foreign), 'PYTHONSAFEPATH': '1'}
    assert tree.run(CHECK, **where)[0] == 0
    assert tree.run('scripts/exercise.py', 'trust', **where)[1].startswith(
        'unchanged: '
    )
    assert (
        'refused'
        in tree.run('scripts/run.py', 'tcp-client', '127.0.0.1', '9', **where)[1]
    )


@pytest.mark.skipif(
    len(PYTHON) > 1 or not shutil.which('unshare'), reason='another system'
)
def test_a_machine_without_loopback_is_told_at_once(tree):
    problem = '127.0.0.1 cannot be used on this machine: '
    for arguments in [CHECK], ['scripts/exercise.py', 'shout', 'python']:
        status, text = tree.run(*arguments, wrapper=NO_LOOPBACK)
        assert status == 1 and problem in text
