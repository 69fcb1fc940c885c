"""lab.py: a scenario of one's own in a browser, limits, and what does not come from a browser."""

import http.client
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from stage import lab, turns
from stage.processes import free_port
from stage.project import SCRIPTS
from stage.words import words
from trees import Tree, copied, needs

waitress = pytest.importorskip('waitress')

HELLO = 'server starts\nclient starts\nclient types hello\nclient leaves'
LONG = 'server starts\n' + '6 seconds pass\n' * 2


@pytest.fixture(scope='module')
def served():
    """The server of the lab, in a thread."""
    one = lab.Lab(words('en'))
    server = waitress.create_server(one, host='127.0.0.1', port=0, **lab.SERVER)
    thread = threading.Thread(target=server.run)
    thread.start()
    one.port = server.effective_port
    yield one
    one.ends = True
    one.turns.end()
    server.close()
    thread.join(10)


def connected(served):
    return http.client.HTTPConnection('127.0.0.1', served.port, timeout=100)


def ask(served, method, path, body=None):
    with_body = {'body': body.encode('utf-8', 'surrogateescape')} if body else {}
    connection = connected(served)
    connection.request(method, path, **with_body)
    reply = connection.getresponse()
    return reply.status, reply.read().decode()


def play(served, text, path='/play?protocol=tcp'):
    status, body = ask(served, 'POST', path, text)
    return status, json.loads(body)


@needs('unshare', 'cargo')
def test_it_answers_what_play_prints(served):
    status, found = play(served, HELLO + '\n# as many lines as may be' * 56 + '\n')
    assert status == 200 and found['compared'] and not found['differences']
    _, printed = Tree().run('bash scripts/play.sh --json hello tcp')
    assert set(json.loads(printed)) == set(found)


WRONG = [
    ('server starts\nclient stars', 2, 'client leaves'),
    ('clients 2-4 types x', 1, 'not started'),
    ('server starts\n' * 61, 61, '60 lines'),
    ('server starts\nclients 1-10 start', 2, '10 programs'),
    ("server starts\nclient starts\nclient types 'x' * 8001", 3, '8000 bytes'),
    ("server starts\nclient starts\nclient types 'é' * 99999", 3, '8000 bytes'),
    ("server starts\nclient starts\nclient types 'xx' * 99999", 3, 'Python'),
    ("server starts\nclient starts\nclient types '\\ud800'", 3, 'Python'),
    ('7 seconds pass\n6 seconds pass', 2, '12 seconds'),
    ('client 1-999999999 starts', 1, 'no line'),
    ('server starts\u2028\nclients 4-2 start', 2, 'nobody'),
    ('9' * 9000 + ' seconds pass', 1, 'no line'),
    ('\udcff', None, 'UTF-8'),
    ('server starts\nthe next packet to server is lost', 2, 'server'),
]


@needs('unshare', 'nft')
@pytest.mark.parametrize('text, line, sentence', WRONG)
def test_what_is_wrong_is_refused_with_its_line(served, text, line, sentence):
    status, found = play(served, text)
    assert (status, found['line']) == (400, line)
    assert sentence in found['error']


@pytest.mark.parametrize(
    'request_line',
    [
        'GET /page.html',
        'GET /../check.py',
        'GET /%2e%2e/check.py',
        'POST /',
        'PUT /play',
    ],
)
def test_there_are_no_other_paths(served, request_line):
    assert ask(served, *request_line.split()) == (404, '')


def test_what_is_too_large_or_slow_holds_up_nobody(served):
    large = 'x' * (lab.SERVER['max_request_body_size'] + 1)
    assert ask(served, 'POST', '/play?protocol=tcp', large)[0] == 413
    assert ask(served, 'GET', '/?' + large)[0] in (400, 431)
    slow = b'POST /play?protocol=tcp HTTP/1.1\r\nContent-Length: 100\r\n\r\nserver'
    address = '127.0.0.1', served.port
    connections = [socket.create_connection(address) for _ in range(300)]
    for connection in connections:
        connection.send(slow)
    assert ask(served, 'GET', '/place?id=1') == (200, '{"place": 0}')
    for connection in connections:
        connection.close()


def wait_for(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@needs('unshare')
def test_plays_wait_for_their_turn_and_who_leaves_frees_a_place(served, monkeypatch):
    monkeypatch.setattr(turns, 'WAITING', 2)
    connections = []
    for number in range(4):
        connections.append(connected(served))
        path = f'/play?protocol=udp&id={number}'
        connections[-1].request('POST', path, body=LONG)
        busy = min(number + 1, 2)
        wait_for(lambda: served.turns.free == 2 - busy)  # noqa: B023
        wait_for(lambda: len(served.turns.waiting) == number + 1 - busy)  # noqa: B023
    assert ask(served, 'GET', '/place?id=3') == (200, '{"place": 2}')
    status, found = play(served, HELLO)
    assert status == 503 and '2 scenarios wait' in found['error']
    connections[2].close()
    wait_for(lambda: served.turns.place('3') == 1)
    connections[0].close()
    wait_for(lambda: served.turns.place('3') == 0)
    for connection in connections:
        connection.close()
    wait_for(lambda: served.turns.free == 2)


@needs('unshare')
def test_a_play_that_takes_too_long_or_fails_ends_alone(served, monkeypatch, capfd):
    monkeypatch.setattr(turns, 'PATIENCE', 2)
    status, found = play(served, LONG)
    assert status == 400 and 'not over after 2 seconds' in found['error']
    monkeypatch.setattr(lab, 'SCRIPTS', Path('/nowhere'))
    status, found = play(served, HELLO)
    assert status == 500 and 'failed' in found['error']
    assert '/nowhere' not in found['error'] and '/nowhere' in capfd.readouterr().err


@needs('unshare', 'cargo')
def test_the_page_is_of_the_programs_as_they_are(served, monkeypatch):
    pytest.importorskip('pygments')
    status, text = ask(served, 'GET', '/?lang=zh-CN')
    assert status == 200 and '<html class="lab" lang="zh-CN"' in text
    assert 'value="lost-reply-tcp"' in text
    monkeypatch.setattr(lab, 'digest', lambda: 'of other programs')
    text = ask(served, 'GET', '/?lang=zh-CN')[1]
    assert 'value="hello-tcp"' in text and 'value="lost-reply-tcp"' not in text


def test_root_may_not_start_it():
    if os.getuid() == 0:
        command = [sys.executable, str(SCRIPTS / 'lab.py')]
        Tree(SUDO_UID='').says(command, 1, '*not run by root*')


@needs('unshare')
@pytest.mark.skipif(os.getuid() != 0, reason='only root can become another user')
@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGHUP])
def test_by_sudo_it_is_of_the_user_and_a_signal_leaves_nothing(number):
    user = pwd.getpwnam('nobody')
    with tempfile.TemporaryDirectory() as folder:
        sudo = {'SUDO_UID': str(user.pw_uid), 'SUDO_GID': str(user.pw_gid)}
        tree = copied(Path(folder, 'tree'), PATH='/usr/bin:/bin', **sudo)
        shutil.copytree(Path(waitress.__file__).parent, tree.folder / 'waitress')
        tree.run(['chown', '-R', 'nobody', folder])
        port = free_port()
        command = ['/usr/bin/python3', 'scripts/lab.py', '127.0.0.1', str(port)]
        own = {'PYTHONPATH': str(tree.folder), 'TMPDIR': folder}
        server = tree.start(command, **own, PYTHONDONTWRITEBYTECODE='')
        assert server.stdout.readline() == f'open http://127.0.0.1:{port}/\n'
        owner = Path(f'/proc/{server.pid}').stat().st_uid
        client = http.client.HTTPConnection('127.0.0.1', port)
        client.request('POST', '/play?protocol=udp', body=LONG)
        wait_for(lambda: processes(folder))
        server.send_signal(number)
        server.send_signal(number)  # an impatient teacher
        assert server.wait(60) == 0 and owner == user.pw_uid
        assert processes(folder) == 0
        assert [path.name for path in Path(folder).iterdir()] == ['tree']
        assert {path.stat().st_uid for path in tree.folder.rglob('*')} == {user.pw_uid}


def processes(folder):
    """How many run that are of this folder."""
    found = subprocess.run(['pgrep', '-c', '-f', folder], stdout=subprocess.PIPE)
    return int(found.stdout)


# ── In a browser ─────────────────────────────────────────────────────────────────────

OWN = """\
# <img src=x onerror=alert(1)> lost
server starts
client starts
server is held
client types hello
the next packet to client is lost
server goes on
2 seconds pass"""


@pytest.fixture
def tab(served):
    sync_api = pytest.importorskip('playwright.sync_api')
    chromium = shutil.which('chromium') or shutil.which('google-chrome')
    if not chromium:
        pytest.skip('no chromium')
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        yield browser.new_page(
            viewport={'width': 390, 'height': 844}, is_mobile=True, locale='zh-CN'
        )
        browser.close()


@needs('unshare', 'nft', 'cargo')
def test_a_scenario_of_ones_own_by_keyboard_in_chinese_on_a_phone(served, tab):
    sync_api = pytest.importorskip('playwright.sync_api')
    expect, url = sync_api.expect, f'http://127.0.0.1:{served.port}/'
    errors = []
    tab.on('pageerror', lambda error: errors.append(error))
    tab.goto(f'{url}#own-udp={quote("server starts")}')
    text = tab.locator('#text')
    expect(text).to_have_value('server starts')
    text.focus()
    # A line of the grammar goes below the cursor's line.
    tab.get_by_role('button', name='client leaves').press('Enter')
    expect(text).to_have_value('server starts\nclient leaves')
    tab.locator('#play').press('Enter')
    expect(tab.locator('#wrong')).to_contain_text('第 2 行：')
    marked = 'text.value.slice(text.selectionStart, text.selectionEnd)'
    assert tab.evaluate(marked) == 'client leaves'
    tab.keyboard.press('Control+a')
    tab.keyboard.insert_text(OWN)
    tab.locator('#play').press('Enter')
    tab.wait_for_url(f'{url}#own-udp={quote(OWN, safe="!*()")}', timeout=60_000)
    tab.keyboard.press('End')
    expect(tab.locator('.packet .lost')).to_have_count(1)
    expect(tab.locator('#note')).to_have_text('Rust 程序的行为相同。')
    expect(tab.locator('#scenario :checked')).to_have_text(
        OWN.split('\n')[0][2:] + '，UDP'
    )
    # The link is the whole scenario, and a step of it can be left and found again.
    tab.goto(url + '#own')
    tab.goto(f'{url}#own-udp={quote(OWN, safe="!*()")}')
    expect(tab.locator('.packet .lost')).to_have_count(0)
    tab.reload()
    expect(text).to_have_value(OWN)
    assert not errors


def test_without_a_server_it_says_what_to_start(tab):
    tab.goto((SCRIPTS / 'page.html').as_uri() + '#own')
    assert 'scripts/lab.py' in tab.locator('.no-lab').inner_text()
    assert not tab.locator('#play').is_visible()
    assert tab.locator('#lines li').count() == 20
