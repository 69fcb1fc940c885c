"""mark.py: each hand-in gets its sentence, whatever the others do; the students' ZIP has no solution."""

import csv
import fnmatch
import os
import subprocess

from stage.project import TOP
from trees import Tree, here, stories

pytestmark = here
CLASS = r"""
do mkdir -p class
do mkdir class/ann class/bob class/control class/delete class/eve class/fork class/helper class/kill
do mkdir class/link class/loop class/output class/packed class/port class/same class/syntax class/two
do mkdir class/wrong "class/a b 你好" class/ann/rust class/ann/rust/udp-server class/two/old class/empty
do cp udp-server/src/main.rs class/ann/rust/udp-server
do cp udp-server/udp_server.py class/same
do ln -s /etc/hostname class/link/udp_server.py
do ln -s /etc class/away
do touch class/packed/work.zip class/loose.zip class/loose.py
do git apply -C0 scripts/exercises/shout-python.patch
do cp udp-server/udp_server.py class/ann
do cp udp-server/udp_server.py class/wrong/server.py
do cp udp-server/udp_server.py class/two/old
do cp -r udp-server class/bob
do cp udp-server/udp_server.py class/helper
do git apply -C0 -R scripts/exercises/shout-python.patch
edit class/helper/udp_server.py: data.upper() → up(data)
edit class/helper/udp_server.py: from time → from up import up\nfrom time
write class/helper/up.py: def up(data):\n    return data.upper()\n
write class/a b 你好/udp_server.py: HOST = PORT = 0\n1 / 0
write class/control/udp_server.py: HOST = PORT = 0\nexit('\x1b[2J\u202e')
write class/delete/udp_server.py: import os, shutil\nHOST = PORT = 0\n\
for one in '..', os.environ['HOME'], os.environ['PWD'], os.path.expanduser('~'):\n\
    shutil.rmtree(one, ignore_errors=True)
write class/eve/tcp_client.py: HOST = PORT = 0\nwhile True:\n    pass
write class/fork/udp_server.py: import os, time\nHOST = PORT = 0\n[os.fork() for _ in range(5)]\n\
os.getpgrp() == os.getpid() or os.setsid()\ntime.sleep(456)
write class/kill/udp_server.py: import os\nHOST = PORT = 0\nos.kill(os.getppid(), 9)
write class/loop/udp_server.py: HOST = PORT = 0\nwhile True:\n    pass
write class/output/udp_server.py: HOST = PORT = 0\nwhile True:\n    print('x' * 9999)
write class/port/udp_server.py: import os, socket, time\nHOST, PORT = '', 21567\nif not os.fork():\n\
    os.setsid()\n    if not os.fork():\n        one = socket.socket(type=2)\n\
        one.bind(('', 21567))\n        time.sleep(456)
write class/syntax/udp_server.py: if:
write class/two/udp_server.py: if:
"""
RESULTS = """
a b 你好,shout,python,not yet: *ZeroDivisionError*
ann,shout,python,solved
away,,,not read, because it is a link: away. *
bob,shout,python,solved
control,shout,python,not yet: *exited: [?][2J[?]
delete,shout,python,not yet: *
empty,,,no file has the name of a program, *
eve,patience,python,not yet: the client does not find *
eve,whole,python,not yet: the client does not connect
fork,shout,python,not yet: 'hello' gets no reply
helper,shout,python,solved
kill,shout,python,not yet: *
link,,,not read, because it is a link: udp_server.py. *
loop,shout,python,not yet: 'hello' gets no reply
loose.py,,,this is not a folder. *
loose.zip,,,loose.zip must be unpacked first
output,shout,python,not yet: *File too large
packed,,,work.zip must be unpacked first
port,shout,python,not yet: 'hello' gets no reply*
same,,,unchanged: udp_server.py. *
syntax,shout,python,not yet: *SyntaxError: *
two,,,old/udp_server.py was not checked, *
two,shout,python,not yet: *SyntaxError: *
wrong,,,no file has the name of a program, *There is: server.py
"""


def marked(tree):
    """The rows of the CSV file. Nothing is left: no process, no file."""
    temporary = tree.folder / 'temporary'
    temporary.mkdir()
    tree.environment['TMPDIR'] = str(temporary)
    only = '--only shout patience whole'
    mark = f'python3 scripts/mark.py class --csv marks.csv {only}'
    tree.says(mark, 0, '*shout *')
    assert os.listdir(temporary) == []
    processes = subprocess.run(['ps', '-A', '-o', 'args'], stdout=subprocess.PIPE)
    assert str(temporary) not in processes.stdout.decode('utf-8', 'replace')
    with open(tree.folder / 'marks.csv', encoding='utf-8-sig') as file:
        return [','.join(row) for row in csv.reader(file)][1:]


def test_a_nasty_class(tree):
    tree.follow(CLASS)
    rows, patterns = marked(tree), RESULTS.split('\n')[1:-1]
    assert len(rows) == len(patterns)
    for row, pattern in zip(rows, patterns):
        assert fnmatch.fnmatchcase(row, pattern.replace('[2', '[[]2'))


def test_without_namespaces_nothing_is_left_either(tree):
    tree.follow(
        CLASS
        + 'do sh -c "mkdir bin; ln -s $(which false) bin/unshare; rm -r class/[!fkp]*"'
    )
    tree.environment['PATH'] = f'{tree.folder}/bin:{os.environ["PATH"]}'
    rows = [row for row in marked(tree) if 'python' in row]
    assert [row.split(',')[0] for row in rows] == ['fork', 'kill', 'port']


@stories("""
An option or a copy that is not as it should be
$ python3 scripts/mark.py class
2 *there is no folder class
do mkdir class
edit udp-server/udp_server.py: data), addr → data.upper()), addr
$ python3 scripts/mark.py class --lang zh-CN
2 *这份项目中的程序被改过*
""")
def test_what_is_wrong_is_said(tree, story):
    tree.follow(story)


def test_the_students_zip_has_no_solutions_and_all_else_runs(tmp_path):
    pack = f'git -C "{TOP}" archive HEAD | tar -x -C "{tmp_path}"'
    subprocess.run(['sh', '-c', pack], check=True)
    assert not list(tmp_path.rglob('*.patch')) + list(tmp_path.rglob('test_*.py'))
    Tree(tmp_path).follow("""
edit *-*/*_*.py: 21567 → {port}
$ python3 scripts/check.py
0 ready: *
$ python3 scripts/check.py 127.0.0.1
1 *refused*not ready: no reply over TCP, UDP
edit *-*/*_*.py: {port} → 21567
$ python3 scripts/exercise.py shout
1 unchanged: *
edit udp-server/udp_server.py: data), addr → data.upper()), addr
$ python3 scripts/exercise.py shout
0 python solved""")
