"""The doors open however they are called, and whatever is missing they say so at once."""

import os
import pty
import pwd
import select
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from trees import Tree

from stage.project import SCRIPTS

DOORS = sorted(path.name for path in SCRIPTS.glob('*.sh'))
SCENARIO = 'only udp\nserver starts\nclient starts\nclient types hello\nclient leaves\n'
NO_LOOPBACK = 'ip link set lo up && ip addr del 127.0.0.1/8 dev lo && exec "$@"'
NO_LOOPBACK = ['unshare', '-rn', 'sh', '-c', NO_LOOPBACK, 'sh']
IS_ROOT = hasattr(os, 'getuid') and os.getuid() == 0


def needs(*tools):
    missing = [tool for tool in tools if not shutil.which(tool)]
    return pytest.mark.skipif(bool(missing), reason=f'no {", ".join(missing)}')


def run(*command, cwd=SCRIPTS, **environment):
    """The exit status, and what is printed, in one line."""
    options = {'stdout': subprocess.PIPE, 'stderr': subprocess.STDOUT, 'timeout': 50}
    env = {**os.environ, 'COLUMNS': '80', **environment}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=env, **options)
    return done.returncode, ' '.join(done.stdout.decode().split())


@pytest.fixture
def scenario(tmp_path):
    path = tmp_path / 'tiny.txt'
    path.write_text(SCENARIO)
    return path


@pytest.fixture
def tools(tmp_path):
    """A folder with all commands except cargo; a test puts others in their place."""
    folder = tmp_path / 'bin'
    folder.mkdir()
    for found in map(Path, os.environ['PATH'].split(os.pathsep)):
        for path in found.iterdir() if found.is_dir() else ():
            if path.name != 'cargo' and not os.path.lexists(folder / path.name):
                (folder / path.name).symlink_to(path)
    replace(folder, 'python3', f'exec {sys.executable} "$@"')
    return folder


def replace(folder, name, line):
    (folder / name).unlink() if os.path.lexists(folder / name) else None
    (folder / name).write_text(f'#!/bin/sh\n{line}\n')
    (folder / name).chmod(0o755)


# ── How they are called ──────────────────────────────────────────────────────────────


@pytest.mark.parametrize('door', DOORS)
def test_a_door_opens_by_another_shell_by_a_link_and_without_execute_bits(
    door, tmp_path
):
    link = tmp_path / 'link'
    link.symlink_to(os.path.relpath(SCRIPTS / door, tmp_path.resolve()))
    copy = tmp_path / 'scripts'
    shutil.copytree(SCRIPTS / 'stage', copy / 'stage')
    shutil.copyfile(SCRIPTS / door, copy / door)
    for command in ['sh', SCRIPTS / door], ['sh', link], [link], ['bash', copy / door]:
        status, text = run(*command, '--help')
        assert (
            status == 0 and f'Usage: scripts/{door}' in text and 'not found' not in text
        )


def test_no_door_runs_another_by_its_path():
    for door in DOORS:
        lines = (SCRIPTS / door).read_text('utf-8').splitlines()
        code = [line for line in lines if not line.startswith('#')]
        assert not [line for line in code if '.sh' in line.replace('/door.sh', '')]


@needs('cargo')
def test_the_demo_runs_by_sh_through_an_absolute_link(tmp_path):
    (tmp_path / 'demo').symlink_to(SCRIPTS / 'demo.sh')
    status, text = run('sh', 'demo', cwd=tmp_path)
    assert status == 0
    assert text.endswith('udp-server waiting for message...')


@pytest.mark.parametrize('safe', ['', '1'])
def test_modules_of_others_are_not_taken_for_ours(safe, tmp_path):
    theirs, here = tmp_path / 'theirs', tmp_path / 'here'
    for folder, names in (
        (theirs, 'checks mask programs stage'),
        (here, 'socket json stage'),
    ):
        folder.mkdir()
        for name in names.split():
            (folder / f'{name}.py').write_text('raise SystemExit("not ours")')
    door = SCRIPTS / 'side-by-side.sh'
    environment = {'PYTHONPATH': str(theirs), 'PYTHONSAFEPATH': safe}
    status, text = run('bash', door, 'udp-client', cwd=here, **environment)
    assert status == 0
    assert '── udp-client ──' in text


@pytest.mark.parametrize(
    'command',
    ['side-by-side x', 'without x', 'without tcp-client 99', 'without --as-printed 1']
    + ['bench x', 'demo x', 'errors x', 'trace no-such-scenario', 'play hello x'],
)
@needs('cargo', 'strace')
def test_a_wrong_argument_is_status_2(command):
    door, *arguments = command.split()
    status, text = run('bash', f'{door}.sh', *arguments)
    assert status == 2
    assert arguments[-1] in text


# ── What is missing ──────────────────────────────────────────────────────────────────


@needs('cargo', 'ip', 'unshare')
@pytest.mark.parametrize('door', ['demo', 'errors', 'bench'])
def test_without_loopback_a_door_ends_at_once(door):
    start = time.monotonic()
    status, text = run(*NO_LOOPBACK, 'bash', f'{door}.sh')
    assert status == 1
    assert 'Cannot assign requested address' in text
    assert 'Traceback' not in text
    assert time.monotonic() - start < 10


def test_without_cargo_the_python_programs_are_played(tools, scenario):
    status, text = run('bash', 'play.sh', scenario, PATH=str(tools))
    assert status == 0
    assert 'client exits' in text
    assert 'Rust was not compared: cargo is missing' in text
    status, text = run('bash', 'play.sh', '--compare', scenario, PATH=str(tools))
    assert status == 1
    assert 'cargo is missing' in text
    assert 'Errno' not in text


def test_who_may_not_make_a_namespace_reads_the_command_that_does(tools, scenario):
    replace(tools, 'unshare', 'exit 1')
    replace(tools, 'sudo', 'exit 1')
    replace(tools, 'id', 'echo 1000')
    door = SCRIPTS / 'play.sh'
    status, text = run(door, scenario, PATH=str(tools))
    assert status == 0
    assert f'To see them: sudo {door} {scenario}' in text
    status, text = run(door, '--free', scenario, PATH=str(tools))
    assert status == 1
    assert f'sudo {door} --free {scenario}' in text
    (tools / 'sudo').unlink()
    status, text = run(door, scenario, PATH=str(tools))
    assert status == 0
    assert 'network namespace' in text
    assert 'sudo' not in text


@pytest.mark.skipif(not IS_ROOT, reason='only root can become another user')
@needs('unshare')
def test_by_sudo_all_is_done_as_the_user_who_called():
    user = pwd.getpwnam('nobody')
    sudo = {'SUDO_UID': str(user.pw_uid), 'SUDO_GID': str(user.pw_gid)}
    sudo['PATH'] = '/usr/bin:/bin'  # whose Python is for all
    with tempfile.TemporaryDirectory() as folder:
        tree = Tree(Path(folder, 'tree'))
        (tree.folder / 'tiny.txt').write_text(SCENARIO)
        for path in [Path(folder), *Path(folder).rglob('*')]:
            os.chown(path, user.pw_uid, user.pw_gid)
        play = 'bash scripts/play.sh --pcap packets tiny.txt'.split()
        status, text = run(*play, cwd=tree.folder, **sudo)
        assert status == 0
        assert '→ UDP length 5 hello' in text
        owners = {path.stat().st_uid for path in tree.folder.rglob('*')}
        assert owners == {user.pw_uid}
        assert (tree.folder / 'packets').exists()
        secret = Path(folder, 'secret')
        secret.write_text('of root')
        secret.chmod(0o600)
        status, text = run(
            '/usr/bin/python3', SCRIPTS, 'as-user', 'cat', secret, **sudo
        )
        assert status == 1
        assert 'Permission denied' in text


# ── A terminal ───────────────────────────────────────────────────────────────────────


def on_a_terminal(command, environment):
    """What a terminal gets; q is typed when nothing comes any more."""
    process, terminal = pty.fork()
    if not process:
        os.execvpe(command[0], command, {**os.environ, 'TERM': 'xterm', **environment})
    shown, end = b'', time.monotonic() + 40
    while time.monotonic() < end:
        if not select.select([terminal], [], [], 1)[0]:
            os.write(terminal, b'q')
            continue
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # Linux: all have closed it
            break
    os.waitpid(process, 0)
    return shown


@needs('less')
@pytest.mark.parametrize('less', [None, '-M', 'MS'])
def test_a_pager_shows_lines_and_colours_in_every_locale(less, tools, scenario):
    command = ['bash', str(SCRIPTS / 'play.sh'), str(scenario)]
    environment = {'LC_ALL': 'C', 'PAGER': 'less', 'PATH': str(tools)}
    environment.update({'LESS': less} if less else {})
    shown = on_a_terminal(command, environment)
    assert '── tiny, udp ──'.encode() in shown
    assert b'<E2>' not in shown
    assert b'ESC' not in shown
