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
from trees import PYTHON

from stage.processes import free_port
from stage.project import HOST, SCRIPTS

DOOR = [*PYTHON, str(SCRIPTS / 'watch.py')]
DEADLINE = 30  # seconds
AS_ROOT = pytest.param(
    (), id='as root', marks=pytest.mark.skipif(os.geteuid(), reason='only for root')
)
# A root that may not see packets is like anybody else.
OTHERS = ('setpriv', '--bounding-set', '-net_raw') if not os.geteuid() else ()
EACH = pytest.mark.parametrize('wrapper', [AS_ROOT, pytest.param(OTHERS, id='others')])
pytestmark = pytest.mark.skipif(not shutil.which('setpriv'), reason='it needs Linux')


class Watch:
    """What it shows at a port, until Ctrl-C."""

    def __init__(self, path, wrapper):
        self.path, self.port = path, free_port()
        command = [*wrapper, *DOOR, str(self.port)]
        with open(path, 'w') as file:
            self.process = subprocess.Popen(command, stdout=file, stderr=file)
        self.until('watching')

    def until(self, pattern, count=1):
        """Waits until lines are shown, each of which is as the pattern says."""
        end = time.monotonic() + DEADLINE
        while len(re.findall(pattern, self.path.read_text('utf-8'))) < count:
            assert time.monotonic() < end, self.path.read_text('utf-8')
            time.sleep(0.02)


@pytest.fixture
def watch(tmp_path, wrapper):
    one = Watch(tmp_path / 'out', wrapper)
    yield one
    one.process.send_signal(signal.SIGINT)
    text = one.path.read_text('utf-8')
    assert one.process.wait(DEADLINE) in (-signal.SIGINT, 130)
    assert 'Traceback' not in text
    assert ('sudo ' in text) == (' → ' not in text)


@EACH
def test_twenty_five_clients_meet_listen_5(watch):
    clients = [socket() for _ in range(25)]
    with create_server((HOST, watch.port), backlog=5) as server:
        for number, client in enumerate(clients):
            client.setblocking(False)
            client.connect_ex(server.getsockname())
            if not number:
                talks = server.accept()[0]
                name = '{}:{}'.format(*talks.getpeername())
                watch.until(f': server to {name}: ESTABLISHED\n'[2:])
        watch.until('server: 6 in the queue')
        watch.until('server to .*: ESTABLISHED, in the queue', 6)
        watch.until(rf'\d {HOST}:\d+: SYN-SENT', 18)
        clients[0].send(b'hello')
        watch.until(f'server to {name}: 5 bytes unread')
        clients[0].close()
        watch.until(f'server to {name}: CLOSE-WAIT\n')
        talks.recv(5)
        watch.until(f'server to {name}: 0 bytes unread')
        talks.close()
        watch.until(rf'\d {name}: TIME-WAIT')
    for client in clients:
        client.close()


@EACH
def test_datagrams_are_shown(watch, wrapper):
    with socket(type=SOCK_DGRAM) as server, socket(type=SOCK_DGRAM) as client:
        server.bind((HOST, watch.port))
        watch.until('server: UDP, unread datagrams take 0 bytes')
        client.sendto(b'\x1b[2J', server.getsockname())
        watch.until(r'server: UDP, unread datagrams take [1-9]\d* bytes')
        if not wrapper and not os.geteuid():
            watch.until(r'→ UDP length 4 \\x1b\[2J\n')
            watch.until('4 bytes unread')


@pytest.mark.parametrize('system', ['darwin', 'win32'])
def test_on_another_system_it_says_what_to_use(system):
    code = f'import sys, runpy; sys.platform = {system!r}; sys.argv.pop(0)'
    code += '; runpy.run_path(sys.argv[0])'
    done = subprocess.run(
        [sys.executable, '-c', code, DOOR[-1]], stderr=subprocess.PIPE, encoding='utf-8'
    )
    assert done.returncode == 1
    assert re.fullmatch(r'This view needs Linux.* `netstat .*\n', done.stderr)
