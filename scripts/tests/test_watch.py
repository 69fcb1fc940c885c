"""watch.py shows what changes in the kernel, whatever the programs are."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from socket import SOCK_DGRAM, create_server, socket

import pytest

from stage.processes import free_port
from stage.project import HOST, SCRIPTS

IS_ROOT = os.geteuid() == 0
# A root that may not see packets is like anybody else.
OTHERS = 'setpriv --bounding-set -net_raw'.split() if IS_ROOT else []
DEADLINE = 30  # seconds
pytestmark = pytest.mark.skipif(not shutil.which('setpriv'), reason='it needs Linux')


@pytest.fixture(params=['root', 'others'])
def watch(tmp_path, request):
    """Runs it at a port, until Ctrl-C. The function waits for lines."""
    is_root, port, out = request.param == 'root', free_port(), tmp_path / 'out'
    if is_root and not IS_ROOT:
        pytest.skip('only root sees packets')
    command = [sys.executable, SCRIPTS / 'watch.py', str(port)]

    def until(pattern, count=1):
        end = time.monotonic() + DEADLINE
        while len(re.findall(pattern, out.read_text('utf-8'))) < count:
            assert time.monotonic() < end, (pattern, out.read_text('utf-8'))
            time.sleep(0.02)

    with open(out, 'w') as file:
        process = subprocess.Popen(OTHERS * (not is_root) + command, stdout=file)
    until('watching')
    yield is_root, port, until
    process.send_signal(signal.SIGINT)
    assert process.wait(DEADLINE) == -signal.SIGINT  # to a shell, 130
    assert (' → ' in out.read_text('utf-8')) == is_root
    assert ('sudo ' in out.read_text('utf-8')) != is_root


def test_twenty_five_clients_meet_listen_5(watch):
    _, port, until = watch
    first, *others = clients = [socket() for _ in range(25)]
    with create_server((HOST, port), backlog=5) as server:
        until('server: LISTEN')
        first.connect((HOST, port))
        talks, (_, own) = server.accept()
        until(f'server to {HOST}:{own}: ESTABLISHED\n')
        for client in others:
            client.setblocking(False)
            client.connect_ex((HOST, port))
        until('server: 6 in the queue')
        until('ESTABLISHED, in the queue', 6)
        until('SYN-SENT', 18)
        first.send(b'hello')
        until(f'server to {HOST}:{own}: 5 bytes unread')
        first.close()
        until(f'server to {HOST}:{own}: CLOSE-WAIT\n')
        talks.recv(5)
        until(f'server to {HOST}:{own}: 0 bytes unread')
        talks.close()
        until(f' {HOST}:{own}: TIME-WAIT')
    for client in clients:
        client.close()


def test_datagrams_are_shown(watch):
    is_root, port, until = watch
    with socket(type=SOCK_DGRAM) as server, socket(type=SOCK_DGRAM) as client:
        server.bind((HOST, port))
        until('server: UDP, unread datagrams take 0 bytes')
        client.sendto(b'\x1b[2J', (HOST, port))
        until('server: UDP, unread datagrams take [1-9]')
        if is_root:
            until(r'→ UDP length 4 \\x1b\[2J\n')
            until('4 bytes unread')


@pytest.mark.parametrize('system', ['darwin', 'win32'])
def test_another_system_is_told_what_to_use(system):
    code = 'import sys, runpy; _, sys.platform, *sys.argv = sys.argv; '
    code += 'runpy.run_path(sys.argv[0])'
    command = [sys.executable, '-c', code, system, SCRIPTS / 'watch.py']
    done = subprocess.run(command, stderr=subprocess.PIPE, encoding='utf-8')
    assert done.returncode == 1
    assert re.fullmatch('This view needs Linux.* `netstat .*\n', done.stderr)
