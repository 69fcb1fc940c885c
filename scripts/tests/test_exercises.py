"""exercise.py: a solution is solved, the original is unchanged, and anything else gets one sentence.

The Python of TEST_PYTHON checks what needs no cargo. What is in the first line of an unfinished patch
is what is said of it.
"""

import fcntl
import os
import re
from pathlib import Path

import pytest

from exercises.originals import EXERCISES, HASHES, hashes
from stage.project import SCRIPTS, TOP
from trees import copied, here, needs, stories

TARGET = Path(os.environ.get('CARGO_TARGET_DIR', TOP / 'target'), 'exercises')


@pytest.fixture
def known():
    """A copy in a folder that cargo knows from the last time; one test at a time has it."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with open(TARGET / 'lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        folder = TARGET / 'tree'
        yield copied(folder, CARGO_TARGET_DIR=str(TARGET), RUSTFLAGS='-D warnings')


def test_the_hashes_are_those_of_the_programs():
    assert HASHES.read_text('utf-8') == hashes()


SOLVED = """
$ python3 scripts/exercise.py NAME
1 unchanged: *
$ python3 scripts/exercise.py NAME python
1 python not yet: *py is unchanged: is it *
do git apply -C0 scripts/exercises/NAME-python.patch
$ python3 scripts/exercise.py NAME
0 python solved"""
RUST = """
do git apply -C0 scripts/exercises/NAME-rust.patch
$ python3 scripts/exercise.py NAME
0 rust solved
do git apply -C0 -R scripts/exercises/NAME-rust.patch
do git apply -C0 scripts/exercises/NAME-unfinished.patch
$ python3 scripts/exercise.py NAME
1 """


# The original client is strict already.
@pytest.mark.parametrize('name', [name for name in EXERCISES if name != 'strict'])
def test_a_solution_in_python_is_solved_and_the_original_is_not(tree, name):
    tree.follow(SOLVED.replace('NAME', name))


@here
@pytest.mark.parametrize('name', EXERCISES)
def test_a_solution_in_rust_is_solved_and_an_unfinished_one_is_not(known, name):
    with open(
        SCRIPTS / f'exercises/{name}-unfinished.patch', encoding='utf-8'
    ) as patch:
        expected = ' '.join(patch.readline().split())
    known.follow(RUST.replace('NAME', name) + expected)


@here
@stories(r"""
Both languages are checked
do git apply -C0 scripts/exercises/trust-python.patch scripts/exercises/trust-rust.patch
$ python3 scripts/exercise.py trust
0 python solved rust solved

A solution survives an edit elsewhere: another text in line 13, and a line more in Rust
do sed -i "13s/'.*'/'ready'/" tcp-server/tcp_server.py
do sed -i '/ 13$/s/".*"/"ready"/' tcp-server/src/main.rs
edit tcp-server/src/main.rs: \nfn tcp → \n// more\nfn tcp
do sh -ec 'for patch in scripts/exercises/*.patch; do git apply -C0 --check $patch; done'
do git apply -C0 scripts/exercises/two-python.patch scripts/exercises/two-rust.patch
$ python3 scripts/exercise.py two
0 python solved rust solved

A changed program can be played: the steps, how Rust differs, and all that depends on BUFSIZ
edit udp-server/udp_server.py: , data), addr → , data.upper()), addr
$ scripts/play.sh hello udp
1 *client exits*'[TIME] HELLO' in Python, '[TIME] hello' in Rust*
edit udp-server/udp_server.py: , data.upper()), addr → , data), addr
edit *-*/*_*.py: BUFSIZ = 1024 → BUFSIZ = 64
edit *-*/src/main.rs: use common::BUFSIZ; → const BUFSIZ: usize = 64;
do scripts/play.sh --compare long-line
$ sh -c 'printf "%038d\n" 0 | "$CARGO_TARGET_DIR/release/udp-client" 127.0.0.1 9; true'
0 *this line is 38 bytes; above 37, the reply does not fit in 64 bytes*
""")
@needs('unshare')
def test_programs_in_both_languages(known, story):
    known.follow(story)


@stories(r"""
Arguments, and a port of one's own
$ python3 scripts/exercise.py sout
2 *invalid choice: 'sout' (choose from *shout*patience*
$ python3 scripts/exercise.py Shout Python
1 python not yet: expected 'HELLO' for 'hello', got *
edit udp-server/udp_server.py: PORT = 21567 → PORT = 21568
edit udp-server/udp_server.py: , data), addr → , data.upper()), addr
$ python3 scripts/exercise.py shout
0 python solved

A server that ends without a client is not patient
edit tcp-server/tcp_server.py: .listen(5) → .listen(5); tcp_ser_sock.settimeout(2)
$ python3 scripts/exercise.py silence
1 python not yet: the server exits if no client connects for 2 s; *line 14: *

Addresses may be compared
edit udp-client/udp_client.py: HOST = 'localhost' → HOST="127.0.0.1"
edit udp-client/udp_client.py: data, ADDR = → data, addr =
edit udp-client/udp_client.py: BUFSIZ)  # → BUFSIZ)\n    while addr != ADDR:\n\
        data, addr = udp_cli_sock.recvfrom(BUFSIZ)  #
$ python3 scripts/exercise.py trust
0 python solved

Two with threads and with processes
do git apply -C0 scripts/exercises/two-python.patch
edit tcp-server/tcp_server.py: args=[tcp_cli_sock] → args=(tcp_cli_sock)
$ python3 scripts/exercise.py two
1 *client 1 gets no reply*; tcp-server printed *: TypeError: *
write tcp-server/tcp_server.py: {processes}
$ python3 scripts/exercise.py two
0 python solved
""")
def test_other_programs(tree, story):
    tree.follow(story)


CHINESE = """\
$ python3 scripts/exercise.py shout
1 没有改动：*
edit *-*/*_*.py: 21567 → {port}
$ python3 scripts/check.py
0 准备好了：*
$ python3 scripts/check.py 127.0.0.1
1 *：被拒绝。*
$ python3 scripts/run.py tcp-server 4000
2 用法：*参数 HOST：*
edit udp-server/udp_server.py: , data), addr → , data.lower()), addr
$ python3 scripts/exercise.py shout
1 python 未通过：*
edit udp-server/udp_server.py: lower → upper
$ env PYTHONIOENCODING=ascii python3 scripts/exercise.py shout
0 python ??
$ python3 scripts/exercise.py shout
0 python 通过"""


def test_a_student_with_a_system_in_chinese_reads_no_english(tree):
    tree.environment['LC_MESSAGES'] = 'zh_CN.UTF-8'
    for step in re.split('\n(?=[$e])', CHINESE):
        tree.follow(f'\n{step}')
        assert not re.search('[a-z]+ [a-z]+ [a-z]+', tree.text)


@here
@stories(r"""
An error of either program is shown
do git apply -C0 scripts/exercises/whole-python.patch
edit tcp-server/tcp_server.py: bytes(ctime(), 'utf-8') → ctime()
$ python3 scripts/exercise.py whole
1 *of 5,000 bytes *; the client printed 0 of 5,000 bytes and 0 timestamps; \
tcp-server exited: line 21: TypeError: *; tcp-client exited: no message

How much was returned is said
edit tcp-*/tcp_*.py: BUFSIZ = 1024 → BUFSIZ = 8192
$ python3 scripts/exercise.py whole
1 *; the client printed 573 of 5,000 bytes and 1 timestamp

Two with a server of processes
write tcp-server/tcp_server.py: {processes}
edit tcp-server/tcp_server.py: spawn → forkserver
$ python3 scripts/exercise.py two
0 python solved
""")
def test_other_programs_here(tree, story):
    tree.follow(story)


@here
def test_known_texts_are_not_enough_and_a_seed_repeats_it(tree):
    texts = {text: text.upper() for text in ('hello', 'Grüne Äpfel', "it's 9 o'clock")}
    known = {key.encode(): value.encode() for key, value in texts.items()}
    answer = f', {known}.get(data, data)), addr'
    tree.edit('udp-server/udp_server.py', ', data), addr', answer)
    check = 'python3 scripts/exercise.py shout'
    _, first = tree.run(check)
    seed = re.search(r'not yet: expected .*(--seed \d+)\)$', first)[1]
    assert tree.run(f'{check} {seed}')[1] == first
