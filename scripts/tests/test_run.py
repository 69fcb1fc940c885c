"""run.py runs a program as Python does, whatever its file is like."""

import os
import re
import shlex

import pytest
from trees import PYTHON

from stage.mask import STAMP
from stage.processes import free_port
from stage.project import PROTOCOLS

RUN, SERVER = 'scripts/run.py', 'tcp-server/tcp_server.py'
# Rust's programs for the system of TEST_PYTHON: a command with {} for the name of the program.
RUST = os.environ.get('TEST_RUST', '')
PAIRS = [('Python', 'Python'), ('Rust', 'Python'), ('Python', 'Rust')][
    : 3 if RUST else 1
]
SPAWN = """\
from multiprocessing import get_context


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
        print('waiting for connecting...', flush=True)
        tcp_cli_sock, addr = tcp_ser_sock.accept()
        get_context('spawn').Process(target=talk, args=[tcp_cli_sock], daemon=True).start()
        tcp_cli_sock.close()
"""


def command(language, program, port):
    """A command that runs a program on a port of 127.0.0.1."""
    if language == 'Rust':
        return [*shlex.split(RUST.format(program)), '127.0.0.1', str(port)]
    return [*PYTHON, RUN, program, '127.0.0.1', str(port)]


def reply(tree, protocol, server='Python', client='Python'):
    """What the client prints when hello and 你好 are typed."""
    port = free_port()
    running = tree.start(command(server, f'{protocol}-server', port))
    assert 'waiting' in running.stdout.readline()
    typed = 'hello\n你好\n\n'
    output, _ = tree.start(command(client, f'{protocol}-client', port)).communicate(
        typed
    )
    running.kill()
    running.communicate()
    return re.sub(STAMP, '', output)


ANSWERED = '> hello\n> 你好\n> '


@pytest.mark.parametrize('languages', PAIRS)
@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_the_programs_talk(tree, protocol, languages):
    assert reply(tree, protocol, *languages) == ANSWERED


def in_gbk(tree, text):
    text = text.replace('#!/usr/bin/env python3', '# coding: gbk')
    tree.write(SERVER, text.replace('every interface', '所有接口'), 'gbk')


def with_helper(tree, text):
    tree.write('tcp-server/helper.py', 'from time import ctime\n')
    tree.write(SERVER, text.replace('from time', 'from helper'))


FORMS = {
    'BOM': lambda tree, text: tree.write(SERVER, text, 'utf-8-sig'),
    'CRLF': lambda tree, text: tree.write(SERVER, text, newline='\r\n'),
    'GBK': in_gbk,
    'no blanks': lambda tree, text: tree.write(
        SERVER, text.replace("HOST = '' ", "HOST=''").replace('PORT = ', 'PORT=')
    ),
    'one line': lambda tree, text: tree.write(
        SERVER,
        text.replace("HOST = ''", "HOST, PORT = '', 21567").replace(
            'PORT = 21567\n', ''
        ),
    ),
    'a helper': with_helper,
    'spawn': lambda tree, text: tree.write(
        SERVER, ''.join(text.splitlines(True)[:8]) + SPAWN
    ),
}


@pytest.mark.parametrize('form', FORMS)
def test_a_program_in_another_form_runs(tree, form):
    FORMS[form](tree, tree.read(SERVER))
    assert reply(tree, 'tcp') == ANSWERED


def test_a_module_beside_it_hides_one_of_python(tree):
    tree.write('tcp-server/socket.py', 'AF_INET, SOCK_STREAM, socket = 2, 1, print\n')
    texts = [
        tree.run(*argv)[1] for argv in ([SERVER], [RUN, SERVER, '127.0.0.1', '4000'])
    ]
    for text in texts:
        assert text.startswith('2 1 ') and "'NoneType' object has no" in text
        assert text.endswith(texts[0][-70:])


def test_an_error_is_in_its_line_and_column(tree):
    tree.write('wrong.py', "HOST = ''\nPORT = 1\nprint(HOST, 2 + len(PORT) + 3)\n")
    _, direct = tree.run('wrong.py')
    _, text = tree.run(RUN, 'wrong.py', 'a longer host', '4000')
    assert text.endswith(direct[direct.index('line 3') :])


def test_an_error_of_syntax_is_shown_as_python_does(tree):
    for data in 'if:\n'.encode(), "print('你好')\n".encode('gbk'):
        (tree.folder / 'wrong.py').write_bytes(data)
        status, text = tree.run(RUN, 'wrong.py')
        assert status == 1 and 'SyntaxError' in text and 'stage' not in text


@pytest.mark.parametrize(
    'arguments, message',
    [
        (['sout'], "there is no program or file 'sout'; the programs are tcp-server, "),
        ([SERVER, '4000'], "'4000' looks like a port, but HOST is the first argument"),
        ([SERVER, '', '4e3'], "expected a number from 0 to 65535, got '4e3'"),
    ],
)
def test_a_wrong_argument_is_explained(tree, arguments, message):
    status, text = tree.run(RUN, *arguments)
    assert status == 2 and message in text


def test_a_program_without_constants_is_named(tree):
    tree.edit(SERVER, ("HOST = ''", "NAME = ''"))
    expected = 'run.py: tcp_server.py has no line that assigns a value to HOST'
    assert tree.run(RUN, 'tcp-server', '127.0.0.1') == (1, expected)
