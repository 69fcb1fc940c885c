"""What people ran into when they played scenarios, and what holds for all of them."""

import json
import os
import re
import shutil
import subprocess
from dataclasses import fields

import pytest

from stage.model import Action, Packet, ScenarioError
from stage.project import TOP
from stage.scenario import Scenario, load_all
from stage.words import LANGUAGES, keys, words


def play(*arguments, top=TOP, status=0, **environment):
    """What play.sh prints."""
    command = ['bash', str(top / 'scripts/play.sh'), *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, **environment},
        encoding='utf-8',
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == status, done.stdout
    return done.stdout


def written(folder, text):
    """A scenario of one's own."""
    path = folder / 'mine.txt'
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def copy(tmp_path):
    """A copy of the tree, to change it."""
    git = ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
    files = subprocess.run(git, cwd=TOP, stdout=subprocess.PIPE)
    for name in filter(None, files.stdout.decode().split('\0')):
        if (TOP / name).exists():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(TOP / name, tmp_path / name)
    return tmp_path


# ── Words ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize('language', LANGUAGES)
def test_each_language_has_each_text(language):
    assert sorted(keys(words(language).texts)) == sorted(keys(words('en').texts))


@pytest.mark.parametrize('scenario', load_all(), ids=lambda one: one.name)
def test_each_scenario_is_translated(scenario):
    say = words('zh-CN')
    assert len(say.about(scenario.name, scenario.about)) == len(scenario.about)
    for action in scenario.actions:
        if action.verb == 'ask':
            assert say.question(scenario.name, action.value)


# ── The grammar ──────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    'line, key',
    [
        ('server types x', 'no such line'),
        ('server leaves', 'no such line'),
        ('a packet is fried', 'no such line'),
        ('client 3 leaves', 'not started'),
        (r"client types '\x'", 'no such text'),
    ],
)
def test_a_line_that_cannot_be_played_is_named(line, key):
    with pytest.raises(ScenarioError) as error:
        Scenario('mine', f'server starts\nclient starts\n{line}\n')
    assert (error.value.key, error.value.facts['line']) == (key, 3)
    assert words().problem(error.value).startswith('mine, line 3: ')


def test_sendto_is_send_in_a_question():
    scenario = Scenario('mine', 'ask client sendto returns: Why?\nclient starts')
    assert scenario.actions[0].value.call == 'send'


def test_several_programs_are_several_actions():
    scenario = Scenario('mine', 'clients 1-2 start\nclients 1-2 are held')
    held = [Action('hold', f'client {number}', 2) for number in (1, 2)]
    assert scenario.actions[2:] == held


@pytest.mark.parametrize(
    'text, expected',
    [
        (b'\xef\xbb\xbf# Mine\r\nserver starts\r\n', 'Mine'),
        ('# 服务器\nserver starts'.encode('gbk'), 'save it as UTF-8'),
        ('only tcp\n', 'nobody does anything'),
    ],
    ids=['BOM', 'GBK', 'empty'],
)
def test_a_file_is_read_as_editors_save_it(tmp_path, text, expected):
    status = 0 if expected == 'Mine' else 2
    assert expected in play(written(tmp_path, text), status=status)


# ── Plays ────────────────────────────────────────────────────────────────────────────


def test_a_question_that_nothing_answers_is_an_error(tmp_path):
    path = written(tmp_path, 'server starts\nask server close: When?\n')
    assert 'mine, line 2: nothing answers this question' in play(path, status=2)


def test_a_scenario_without_packets_says_nothing_of_packets(tmp_path):
    assert 'acket' not in play(written(tmp_path, 'server starts'), 'udp')


def test_a_second_server_has_its_turn(tmp_path):
    text = 'server 1 starts on port 4000\nserver 2 starts\nclient starts\nclient types hello'
    output = play(written(tmp_path, text), 'tcp')
    assert re.search(r'server 2 20 .*\n.*\n +← PSH, ACK', output)


def test_a_server_that_finds_its_port_in_use_gets_no_packets(tmp_path):
    text = 'server 1 starts\nserver 2 starts\nclient starts\nclient types hello'
    output = play(written(tmp_path, text), 'tcp')
    assert 'server 2 exits with error 98' in output
    assert re.search(r'client 18 .*output: \[.*\] hello', ' '.join(output.split()))


@pytest.mark.parametrize('protocol', ['tcp', 'udp'])
def test_the_programs_may_have_another_port(copy, protocol):
    for path in [*copy.glob('*-*/*.py'), copy / 'common/src/lib.rs']:
        path.write_text(path.read_text('utf-8').replace('21567', '21568'), 'utf-8')
    target = {'CARGO_TARGET_DIR': str(TOP / 'target/other-port')}
    output = play('hello', protocol, top=copy, **target)
    assert output.count('21568') == play('hello', protocol).count('21567') > 0


def test_json_is_the_model():
    recording = json.loads(play('--json', 'hello', 'tcp'))
    assert (recording['protocol'], recording['packets_seen']) == ('tcp', True)
    packet = next(one for step in recording['steps'] for one in step['packets'])
    assert set(packet) == {field.name for field in fields(Packet)}
    assert (packet['kind'], packet['flags']) == ('TCP', ['SYN'])
