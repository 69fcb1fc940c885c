"""check.py and run.py: programs run as Python runs them, and what is wrong is one sentence."""

import os
import re
from pathlib import Path

import pytest

from stage.mask import STAMP
from stage.processes import free_port
from stage.project import PROTOCOLS
from trees import PYTHON, here, needs, stories

# Rust's programs for the system of TEST_PYTHON: a command with {} for the name of the program.
RUST = os.environ.get('TEST_RUST', '')
PAIRS = ['Python Python', 'Rust Python', 'Python Rust'][: 3 if RUST else 1]
SERVER = 'tcp-server/tcp_server.py'
INSTALLED = [*Path.home().glob('.pyenv/versions/*/bin/python'), *PYTHON[-1:]]


@stories(r"""
A machine is ready more than once, whatever modules others have
edit *-server/*_server.py: 21567 → {port}
do mkdir foreign
write foreign/checks.py: raise ImportError
write foreign/exercises.py: raise ImportError
write foreign/mask.py: raise ImportError
write foreign/programs.py: raise ImportError
write foreign/stage.py: raise ImportError
$ env PYTHONPATH=foreign PYTHONSAFEPATH=1 python3 scripts/check.py
0 ready: Python 3.*.*, port {port} is free, TCP and UDP work on this machine
$ env PYTHONPATH=foreign python3 scripts/check.py
0 ready: Python 3.*.*, port {port} is free, TCP and UDP work on this machine
$ env PYTHONPATH=foreign PYTHONSAFEPATH=1 python3 scripts/exercise.py trust
1 unchanged: *
$ env PYTHONPATH=foreign PYTHONSAFEPATH=1 python3 scripts/run.py tcp-client 127.0.0.1 9
1 *refused*

Who has the port is said
edit *-server/*_server.py: 21567 → {port}
write hold.py: import socket, subprocess, sys\n\
with socket.create_server(('', {port})):\n\
    sys.exit(subprocess.call([sys.executable, 'scripts/check.py']))
$ python3 hold.py
1 not ready: port {port} is in use End the program *

A file with another name is named
do mv tcp-server/tcp_server.py tcp-server/tcp_server.py.txt
$ python3 scripts/check.py
1 not ready: there is no file tcp-server?tcp_server.py; its folder has tcp_server.py.txt *
$ python3 scripts/run.py tcp-server
2 *argument PROGRAM: there is no file tcp-server?tcp_server.py; its folder has tcp_server.py.txt
$ python3 scripts/exercise.py two
1 there is no file tcp-server?tcp_server.py; its folder has tcp_server.py.txt

A wrong argument, or program, is explained
$ python3 scripts/run.py sout
2 *there is no program or file 'sout'; the programs are tcp-server, *
$ python3 scripts/run.py tcp-server/tcp_server.py 4000
2 *'4000' looks like a port, but HOST is the first argument
$ python3 scripts/run.py tcp-server/tcp_server.py '' 4e3
2 *expected a number from 0 to 65535, got '4e3'
edit tcp-server/tcp_server.py: HOST = '' → NAME = ''
$ python3 scripts/run.py tcp-server 127.0.0.1
1 run.py: tcp_server.py has no line that assigns a value to HOST

An error is in its line and column
write wrong.py: HOST = ''\nPORT = 1\nprint(HOST, 2 + len(PORT) + 3)\n
$ python3 scripts/run.py wrong.py 'a longer host' 4000
1 *line 3, in <module> print(HOST, 2 + len(PORT) + 3) *TypeError: *
write wrong.py: if:\n
$ python3 scripts/run.py wrong.py
1 File "*wrong.py", line 1 if: ^ SyntaxError: invalid syntax
write wrong.py: print('你好')\n
do iconv -f utf-8 -t gbk -o wrong.py wrong.py
$ python3 scripts/run.py wrong.py
1 *SyntaxError: *utf-8*

A module beside the program hides one of Python
write tcp-server/socket.py: AF_INET, SOCK_STREAM, socket = 2, 1, print\n
$ python3 tcp-server/tcp_server.py
1 2 1 *'NoneType' object has no*
$ python3 scripts/run.py tcp-server/tcp_server.py 127.0.0.1 4000
1 2 1 *'NoneType' object has no*
""")
def test_what_people_run_into(tree, story):
    tree.follow(story)


@here
@needs('unshare')
def test_a_machine_without_loopback_is_told_at_once(tree):
    for command in 'scripts/check.py', 'scripts/exercise.py shout python':
        told = '*127.0.0.1 cannot be used on this machine: *'
        tree.says(f'no-loopback python3 {command}', 1, told)


NETWORK = """
write network.sh: ip link set lo up\\nnft add table ip t\\n\\
nft add chain ip t c '{ type filter hook input priority 0 ; }'\\n\\
[ -z "$RULE" ] || nft add rule ip t c $RULE\\n\\
python3 scripts/run.py tcp-server 127.0.0.1 >/dev/null 2>&1 & tcp=$!\\n\\
python3 scripts/run.py udp-server 127.0.0.1 >/dev/null 2>&1 & udp=$!\\n\\
until [ $(ss -Hlntu | wc -l) = 2 ]; do sleep 0.1; done\\n\\
python3 scripts/check.py "$@"; status=$?; kill $tcp $udp 2>/dev/null; exit $status
"""


@here
@needs('unshare', 'nft', 'ip')
@stories(r"""
Both answer
$ from-here 127.0.0.1
0 TCP, *: answered. The reply to hello is '[* hello'. UDP, *: answered. *: TCP and UDP were both *

No server at this address
$ from-here 127.0.0.2
1 TCP, *: refused. * UDP, *: refused. *not ready: no reply over TCP, UDP

No route
$ from-here 192.0.2.7
1 TCP, *: no route (* UDP, *: no route (*not ready: no reply over TCP, UDP
$ env "RULE=tcp dport 21567 reject with icmp host-prohibited" from-here 127.0.0.1
1 TCP, *: no route (* UDP, *: answered. *not ready: no reply over TCP

Packets are dropped
$ env "RULE=tcp dport 21567 drop" from-here 127.0.0.1 --lang zh-CN
1 TCP，*：超时*UDP，*：收到回复。*没有收到回复的有 TCP
$ env "RULE=udp dport 21567 drop" from-here 127.0.0.1
1 TCP, *: answered. *UDP, *: silence. *not ready: no reply over UDP

The server talks to another client, or leaves
write tcp-server/tcp_server.py: from socket import *\nHOST = ''\nPORT = 21567\n\
create_server((HOST, PORT)).accept()[0].recv(9)
$ from-here 127.0.0.1
1 TCP, *: disconnected without a reply. *not ready: no reply over TCP
write tcp-server/tcp_server.py: from socket import *\nHOST = ''\nPORT = 21567\n\
sock = create_server((HOST, PORT))\nwhile True:\n    pass
$ from-here 127.0.0.1
1 TCP, *: connected, but no reply within *not ready: no reply over TCP

No such name
$ from-here nowhere.invalid
1 not ready: nowhere.invalid has no IPv4 address: *
""")
def test_from_here_it_is_said_what_arrives(tree, story):
    tree.follow(story.split('\n')[0] + NETWORK + story.split('\n', 1)[1])


@here
@pytest.mark.parametrize('python', INSTALLED, ids=str)
def test_every_python_says_its_sentence(tree, python):
    tree.edit('*-server/*_server.py', '21567', str(free_port()))
    assert 'eady: ' in tree.run([str(python), 'scripts/check.py', '127.0.0.1'])[1]
    status, text = tree.run([str(python), 'scripts/check.py'])
    old = r'not ready: this is Python (2|3\.[67])\.\S+ Get 3.8 .*'
    assert re.fullmatch(old if status else r'ready: Python 3\.\d+\.\d+, .*', text)


def talks(tree, protocol='tcp', languages='Python Python'):
    """The server answers when hello and 你好 are typed to the client."""
    port = free_port()

    def start(side, language):
        command = RUST if language == 'Rust' else 'python3 scripts/run.py {}'
        program = command.format(f'{protocol}-{side}')
        return tree.start(f'{program} 127.0.0.1 {port}', PYTHONUNBUFFERED='1')

    server, client = languages.split()
    running = start('server', server)
    assert 'waiting' in running.stdout.readline()
    output, _ = start('client', client).communicate('hello\n你好\n\n')
    running.kill()
    running.communicate()
    assert re.sub(STAMP, '', output) == '> hello\n> 你好\n> '


@pytest.mark.parametrize('languages', PAIRS)
@pytest.mark.parametrize('protocol', PROTOCOLS)
def test_the_programs_talk(tree, protocol, languages):
    talks(tree, protocol, languages)


@stories(r"""
BOM
do sed -i '1s/^/\xef\xbb\xbf/' tcp-server/tcp_server.py

CRLF
do sed -i 's/$/\r/' tcp-server/tcp_server.py

GBK
edit tcp-server/tcp_server.py: #!/usr/bin/env python3 → # coding: gbk
edit tcp-server/tcp_server.py: every interface → 所有接口
do iconv -f utf-8 -t gbk -o tcp-server/tcp_server.py tcp-server/tcp_server.py

no blanks
edit tcp-server/tcp_server.py: HOST = '' → HOST=''
edit tcp-server/tcp_server.py: PORT = → PORT=

one line
edit tcp-server/tcp_server.py: HOST = '' → HOST, PORT = '', 21567
edit tcp-server/tcp_server.py: \nPORT = 21567 → \n

a helper
write tcp-server/helper.py: from time import ctime\n
edit tcp-server/tcp_server.py: from time → from helper

spawn
write tcp-server/tcp_server.py: {processes}
""")
def test_a_program_in_another_form_runs(tree, story):
    tree.follow(story)
    talks(tree)
