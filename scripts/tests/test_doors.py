"""The doors open however they are called, and whatever is missing they say so at once."""

import os
import pwd
import re
import sys
import tempfile
from pathlib import Path

import pytest

from stage.project import SCRIPTS
from trees import Tree, copied, needs, stories

DOORS = sorted(path.name for path in SCRIPTS.glob('*.sh'))
ALL_BUT_CARGO = f"""
do mkdir bin
do sh -c 'for one in $(echo "$PATH" | tr : " "); do cp -sn $one/* bin/ || true; done'
do rm -f bin/cargo bin/python3
do ln -s {sys.executable} bin/python3
write tiny.txt: only udp\\nserver starts\\nclient starts\\nclient types hello\\nclient leaves
"""


@pytest.fixture
def tools(tree):
    """A copy with all commands except cargo in bin; a story puts others in their place."""
    tree.follow(ALL_BUT_CARGO)
    tree.environment['PATH'] = str(tree.folder / 'bin')
    return tree


@pytest.mark.parametrize('door', DOORS)
def test_a_door_opens_by_another_shell_by_a_link_and_without_execute_bits(door, tree):
    (tree.folder / 'link').symlink_to(f'scripts/{door}')
    path = tree.folder / 'scripts' / door
    for way in ['sh', path], ['sh', 'link'], ['./link'], ['bash', path]:
        path.chmod(0o755 if './link' in way else 0o644)
        status, text = tree.run([*way, '--help'])
        assert status == 0 and f'Usage: scripts/{door}' in text
        assert 'not found' not in text
    # It runs no other by its path.
    code = re.sub('(?m)^#.*', '', path.read_text('utf-8'))
    assert '.sh' not in code.replace('/door.sh', '')


@needs('cargo')
def test_the_demo_runs_by_sh_through_an_absolute_link(tmp_path):
    (tmp_path / 'demo').symlink_to(SCRIPTS / 'demo.sh')
    Tree(tmp_path).says('sh demo', 0, '*udp-server waiting for message...')


@needs('cargo', 'ip', 'strace', 'unshare')
@stories("""
A wrong argument
$ bash scripts/side-by-side.sh x
2 *x*
$ bash scripts/without.sh x
2 *x*
$ bash scripts/without.sh tcp-client 99
2 *99*
$ bash scripts/without.sh --as-printed 1
2 *1*
$ bash scripts/bench.sh x
2 *x*
$ bash scripts/demo.sh x
2 *x*
$ bash scripts/errors.sh x
2 *x*
$ bash scripts/trace.sh no-such-scenario
2 *no-such-scenario*
$ bash scripts/play.sh hello x
2 *x*

No loopback
$ timeout 10 no-loopback bash scripts/demo.sh
1 *Cannot assign requested address*
$ timeout 10 no-loopback bash scripts/errors.sh
1 *Cannot assign requested address
not Traceback
$ timeout 10 no-loopback bash scripts/bench.sh
1 *Cannot assign requested address
not Traceback
""")
def test_what_is_wrong_is_said_at_once(story):
    Tree().follow(story)


@needs('less', 'script', 'sudo', 'unshare')
@stories(r"""
Modules of others are not taken for ours
do mkdir theirs
do sh -c 'for name in socket json stage theirs/checks theirs/mask theirs/programs \
theirs/stage; do echo "raise SystemExit(\"not ours\")" >$name.py; done'
$ env PYTHONPATH=theirs bash scripts/side-by-side.sh udp-client
0 *── udp-client ──*
$ env PYTHONPATH=theirs PYTHONSAFEPATH=1 bash scripts/side-by-side.sh udp-client
0 *── udp-client ──*

Without cargo the programs in Python are played
$ bash scripts/play.sh tiny.txt
0 *client exits*Rust was not compared: cargo is missing*
$ bash scripts/play.sh --compare tiny.txt
1 *cargo is missing*
not Errno

Who may not make a namespace reads the command that does
do ln -sf /bin/false bin/unshare
do ln -sf /bin/false bin/sudo
do rm bin/id
write bin/id: #!/bin/sh\necho 1000
do chmod +x bin/id
$ scripts/play.sh tiny.txt
0 *To see them: sudo scripts/play.sh tiny.txt*
$ scripts/play.sh --free tiny.txt
1 *sudo scripts/play.sh --free tiny.txt*
do rm bin/sudo
$ scripts/play.sh tiny.txt
0 *network namespace*
not sudo

A pager shows lines and colours in every locale, whatever LESS is
$ sh -c 'while sleep 1; do echo q; done | LC_ALL=C script -qc "scripts/play.sh tiny.txt"'
0 *── tiny, udp ──*
not <E2>
not ESC
$ sh -c 'while sleep 1; do echo q; done | LC_ALL=C LESS=-M script -qc "scripts/play.sh tiny.txt"'
0 *── tiny, udp ──*
not <E2>
not ESC
$ sh -c 'while sleep 1; do echo q; done | LC_ALL=C LESS=MS script -qc "scripts/play.sh tiny.txt"'
0 *── tiny, udp ──*
not <E2>
not ESC
""")
def test_what_the_machine_has(tools, story):
    tools.environment.update(PAGER='less', TERM='xterm')
    tools.follow(story)


BY_SUDO = """
do chown -R nobody ..
$ bash scripts/play.sh --pcap packets tiny.txt
0 *→ UDP length 5 hello*
$ sh -c 'ls packets; find . ! -user nobody'
0 packets
do sh -c 'echo of root >secret; chmod 600 secret'
$ /usr/bin/python3 scripts as-user cat secret
1 *Permission denied*
"""


@needs('unshare')
@pytest.mark.skipif(os.getuid() != 0, reason='only root can become another user')
def test_by_sudo_all_is_done_as_the_user_who_called():
    user = pwd.getpwnam('nobody')
    sudo = {'SUDO_UID': str(user.pw_uid), 'SUDO_GID': str(user.pw_gid)}
    with tempfile.TemporaryDirectory() as folder:
        tree = copied(Path(folder, 'tree'), PATH='/usr/bin:/bin')  # a Python for all
        tree.follow(ALL_BUT_CARGO)
        tree.environment.update(sudo)
        tree.follow(BY_SUDO)
