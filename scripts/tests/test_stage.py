"""What people ran into when they played scenarios, and what holds for all of them."""

import json
import re
from dataclasses import fields

import pytest

from stage.model import Action, Packet, ScenarioError
from stage.project import PROGRAMS, TOP
from stage.scenario import Scenario, load_all
from stage.tags import Program
from stage.words import LANGUAGES, keys, words
from trees import Tree, stories


@pytest.mark.parametrize('language', LANGUAGES)
def test_each_language_has_each_text(language):
    assert sorted(keys(words(language).texts)) == sorted(keys(words('en').texts))


def test_what_each_scenario_is_about_is_translated():
    """The page does not get made without its questions, and test_page.py misses an answer."""
    say = words('zh-CN')
    for one in load_all():
        translated = say.about(one.name, [])
        assert len(translated) == len(one.about), one.name


@pytest.mark.parametrize('name', PROGRAMS)
def test_each_comment_of_a_program_is_translated(name):
    program, known = Program(name), words('zh-CN').texts['comments']
    for line in [*program.python, *program.rust]:
        comment = re.search('(?:#|//!?) (.* .*)', line)
        assert not comment or comment[1] in known


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


def test_a_line_is_read_as_it_is_meant():
    text = 'ask client sendto returns: Why?\nclients 1-2 start\nclients 1-2 are held'
    ask, _, _, *held = Scenario('mine', text).actions
    assert ask.value.call == 'send'
    assert held == [Action('hold', f'client {number}', 3) for number in (1, 2)]


@stories(r"""
A file with a BOM, as editors save it
write mine.txt: # Mine\r\nserver starts\r\n
do sed -i '1s/^/\xef\xbb\xbf/; s/\\r/\r/g' mine.txt
$ play mine.txt
0 *Mine*

A file in GBK
write mine.txt: # 服务器\nserver starts
do iconv -f utf-8 -t gbk -o mine.txt mine.txt
$ play mine.txt
2 *save it as UTF-8*

A file in which nobody does anything
write mine.txt: only tcp\n
$ play mine.txt
2 *nobody does anything*

A question that nothing answers
write mine.txt: server starts\nask server close: When?\n
$ play mine.txt
2 *mine, line 2: nothing answers this question*

A scenario without packets says nothing of packets
write mine.txt: server starts
$ play mine.txt udp
0 *
not acket

A second server has its turn
write mine.txt: server 1 starts on port 4000\nserver 2 starts\nclient starts\nclient types hello
$ play mine.txt tcp
0 * server 2 20 tcp_cli_sock.send(b'[%s] %s' % (bytes(ctime(), 'utf-8'), data)) ← PSH, ACK*

A server that finds its port in use gets no packets
write mine.txt: server 1 starts\nserver 2 starts\nclient starts\nclient types hello
$ play mine.txt tcp
0 *server 2 exits with error 98*client 18 *output: [*] hello*
""")
def test_what_people_wrote(tmp_path, story):
    Tree(tmp_path).follow(story)


@pytest.mark.parametrize('protocol', ['tcp', 'udp'])
def test_the_programs_may_have_another_port(tree, protocol):
    for names in '*-*/*_*.py', 'common/src/lib.rs':
        tree.edit(names, '21567', '21568')
    tree.environment['CARGO_TARGET_DIR'] = str(TOP / 'target/other-port')
    play = f'bash scripts/play.sh hello {protocol}'
    (status, usual), other = Tree().run(play), tree.run(play)
    assert (status, usual.count('21567')) == (0, other[1].count('21568')) != (0, 0)


def test_json_is_the_model():
    _, text = Tree().run('play --json hello tcp')
    recording = json.loads(text)
    assert (recording['protocol'], recording['packets_seen']) == ('tcp', True)
    packet = next(one for step in recording['steps'] for one in step['packets'])
    assert set(packet) == {field.name for field in fields(Packet)}
    assert (packet['kind'], packet['flags']) == ('TCP', ['SYN'])
