"""exercise.py: a solution is solved, the original is unchanged, and anything else gets one sentence.

The Python of TEST_PYTHON checks what needs no cargo. What is in the first line of an unfinished patch
is what is said of it.
"""

import fnmatch
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from test_run import SPAWN
from trees import PYTHON, TOP, Tree

from exercises.originals import EXERCISES, HASHES, line
from stage.project import PROGRAMS

EXERCISE, SERVER = 'scripts/exercise.py', 'tcp-server/tcp_server.py'
TARGET = Path(os.environ.get('CARGO_TARGET_DIR', TOP / 'target'), 'exercises')
here = pytest.mark.skipif(len(PYTHON) > 1, reason='another system')
alone = pytest.mark.xdist_group('known')  # one folder, one test at a time
UPPER = (', data), addr', ', data.upper()), addr')


def says(tree, status, pattern, *arguments):
    """What exercise.py says now; * in the pattern is any text."""
    cargo = {'CARGO_TARGET_DIR': str(TARGET), 'RUSTFLAGS': '-D warnings'}
    found, text = tree.run(EXERCISE, *arguments, **cargo)
    print(*arguments, found, text)
    assert fnmatch.fnmatchcase(text, pattern.replace('[', '[[]')) and found == status


@pytest.fixture
def known():
    """A copy in a folder that cargo knows from the last time."""
    return Tree(TARGET / 'tree')


def test_the_hashes_are_those_of_the_programs():
    files = [one.path for versions in PROGRAMS.values() for one in versions]
    assert HASHES.read_text('utf-8') == ''.join(map(line, files))


def test_each_solution_in_python_is_solved_and_no_original_is(tmp_path):
    def check(name):
        tree = Tree(tmp_path / name)
        says(tree, 1, 'unchanged: *', name)
        if name == 'strict':  # as Python's client is already
            return says(tree, 0, 'python solved', name, 'python')
        says(tree, 1, 'python not yet: *py is unchanged: is it *', name, 'python')
        tree.apply(f'{name}-python')
        says(tree, 0, 'python solved', name)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(check, EXERCISES))


@here
@pytest.mark.parametrize('name', EXERCISES)
@alone
def test_a_solution_in_rust_is_solved_and_an_unfinished_one_is_not(known, name):
    known.apply(f'{name}-rust')
    says(known, 0, 'rust solved', name)
    known = Tree(known.folder)
    known.apply(f'{name}-unfinished')
    expected = known.read(f'scripts/exercises/{name}-unfinished.patch').split('\n')[0]
    says(known, 1, ' '.join(expected.split()), name)


@here
@alone
def test_both_languages_are_checked(known):
    known.apply('trust-python', 'trust-rust')
    says(known, 0, 'python solved rust solved', 'trust')


def test_arguments_and_a_port_of_ones_own(tree):
    says(tree, 2, "*invalid choice: 'sout' (choose from *shout*patience*", 'sout')
    says(
        tree,
        1,
        "python not yet: expected 'HELLO' for 'hello', got *",
        'Shout',
        'Python',
    )
    tree.edit('udp-server/udp_server.py', ('PORT = 21567', 'PORT = 21568'), UPPER)
    says(tree, 0, 'python solved', 'shout')


@here
def test_known_texts_are_not_enough_and_a_seed_repeats_it(tree):
    texts = {text: text.upper() for text in ('hello', 'Grüne Äpfel', "it's 9 o'clock")}
    known = {key.encode(): value.encode() for key, value in texts.items()}
    tree.edit(
        'udp-server/udp_server.py',
        (', data), addr', f', {known}.get(data, data)), addr'),
    )
    _, first = tree.run(EXERCISE, 'shout')
    seed = re.findall(r'--seed (\d+)\)$', first)
    assert 'not yet: expected' in first
    assert tree.run(EXERCISE, 'shout', '--seed', *seed)[1] == first


def test_a_server_that_ends_without_a_client_is_not_patient(tree):
    tree.edit(SERVER, ('.listen(5)', '.listen(5); tcp_ser_sock.settimeout(2)'))
    expected = (
        'python not yet: the server exits if no client connects for 2 s; *line 14: *'
    )
    says(tree, 1, expected, 'silence')


@here
def test_an_error_of_either_program_is_shown(tree):
    tree.apply('whole-python')
    tree.edit(SERVER, ("bytes(ctime(), 'utf-8')", 'ctime()'))
    expected = (
        '*of 5,000 bytes *; the client printed 0 of 5,000 bytes and 0 timestamps; '
    )
    expected += (
        'tcp-server exited: line 21: TypeError: *; tcp-client exited: no message'
    )
    says(tree, 1, expected, 'whole')


@here
def test_how_much_was_returned_is_said(tree):
    for path in SERVER, 'tcp-client/tcp_client.py':
        tree.edit(path, ('BUFSIZ = 1024', 'BUFSIZ = 8192'))
    says(tree, 1, '*; the client printed 573 of 5,000 bytes and 1 timestamp', 'whole')


def test_addresses_may_be_compared(tree):
    receive = '    data, {} = udp_cli_sock.recvfrom(BUFSIZ)'
    loop = (
        receive.format('addr')
        + '\n    while addr != ADDR:\n    '
        + receive.format('addr')
    )
    tree.edit(
        'udp-client/udp_client.py',
        ("HOST = 'localhost'", 'HOST="127.0.0.1"'),
        (receive.format('ADDR'), loop),
    )
    says(tree, 0, 'python solved', 'trust')


def test_two_with_threads_and_with_processes(tree):
    head = ''.join(tree.read(SERVER).splitlines(True)[:8])
    tree.apply('two-python')
    tree.edit(SERVER, ('args=[tcp_cli_sock]', 'args=(tcp_cli_sock)'))
    says(tree, 1, '*client 1 gets no reply*; tcp-server printed *: TypeError: *', 'two')
    tree.write(SERVER, head + SPAWN)
    says(tree, 0, 'python solved', 'two')


@here
def test_two_with_forkserver(tree):
    head = ''.join(tree.read(SERVER).splitlines(True)[:8])
    tree.write(SERVER, head + SPAWN.replace('spawn', 'forkserver'))
    says(tree, 0, 'python solved', 'two')


@here
@alone
def test_a_solution_survives_an_edit_elsewhere(known):
    """As issue 26 asks: another text in line 13 of the TCP server; and a line more in Rust."""
    old = 'waiting for connecting...'
    known.edit(SERVER, (old, 'ready'))
    known.edit(
        'tcp-server/src/main.rs', (old, 'ready'), ('\nfn tcp', '\n// more\nfn tcp')
    )
    patches = (known.folder / 'scripts/exercises').glob('*.patch')
    for patch in patches:
        subprocess.run(
            ['git', 'apply', '-C0', '--check', patch], cwd=known.folder, check=True
        )
    known.apply('two-python', 'two-rust')
    says(known, 0, 'python solved rust solved', 'two')


@here
@pytest.mark.skipif(not shutil.which('unshare'), reason='another system')
@alone
def test_a_changed_program_can_be_played(known):
    """First the steps, then how Rust differs; another BUFSIZ changes all that depends on it."""
    options = {**known.options({'CARGO_TARGET_DIR': str(TARGET)}), 'input': ''}

    def play(*arguments):
        return subprocess.run(['scripts/play.sh', *arguments], **options)

    known.edit('udp-server/udp_server.py', UPPER)
    played = play('hello', 'udp')
    text = ' '.join(played.stdout.split())
    assert played.returncode == 1 and re.search(r'\d client exits', text)
    assert "'[TIME] HELLO' in Python, '[TIME] hello' in Rust" in text
    known.edit('udp-server/udp_server.py', UPPER[::-1])
    for name in PROGRAMS:
        known.edit(
            f'{name}/{name.replace("-", "_")}.py', ('BUFSIZ = 1024', 'BUFSIZ = 64')
        )
        rust = 'use common::BUFSIZ;', 'const BUFSIZ: usize = 64;'
        known.edit(f'{name}/src/main.rs', rust)
    assert play('--compare', 'long-line').returncode == 0
    options['input'] = f'{0:038}\n'
    client = TARGET / 'release/udp-client'
    text = subprocess.run([client, '127.0.0.1', '9'], **options).stdout
    assert 'this line is 38 bytes; above 37, the reply does not fit in 64 bytes' in text
