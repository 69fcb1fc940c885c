"""Each main.rs beside its Python version, line by line."""

import re

import pytest

from stage.project import TOP
from stage.tags import Program, indent

# The line numbers are those of the tutorial: no line may be added or moved.
LAST = {'tcp-server': 22, 'tcp-client': 19, 'udp-server': 16, 'udp-client': 18}
# What a Python line has, and what its Rust must have then.
BOTH = """\
AF_INET, SOCK_STREAM)   Socket::new(Domain::IPV4, Type::STREAM
AF_INET, SOCK_DGRAM)    Socket::new(Domain::IPV4, Type::DGRAM
.bind(                  .bind(
.listen(5)              .listen(common::BACKLOG)?; // 5
.accept(                accept(
.connect(               connect_ex(
.recv(BUFSIZ)           recv(&tcp_cli_sock, BUFSIZ)
.send(                  .send(
.recvfrom(BUFSIZ)       recv_from(&udp_
.recvfrom(BUFSIZ)       _sock, BUFSIZ)
.sendto(                .send_to(
.close(                 drop
input('> ')             input("> ")
print(                  print(
while True              loop {
if not data             if data.is_empty() {
break                   break
ctime(                  [b"[", ctime().as_bytes(), b"] ", &data]
import ctime            ctime
PORT = 21567            use common::PORT; // 21567
BUFSIZ = 1024           use common::BUFSIZ; // 1024
HOST = ''               HOST: &str = ""
ADDR = (HOST, PORT)     server_addr = addr_from_args_or(HOST, PORT)
(ADDR)                  server_addr
, ADDR)                 , server_addr)
data =                  data =
data, ADDR =            (data, server_addr) =
data, addr =            (data, addr) =
_sock, addr =           _sock, addr) =
, addr)                 addr)"""
PAIRS = [re.split('  +', row) for row in BOTH.splitlines()]


def test_the_constants_are_those_of_python():
    text = (TOP / 'common/src/lib.rs').read_text('utf-8')
    constants = dict(re.findall(r'const ([A-Z]+): \w+ = (\d+);', text))
    expected = {'PORT': '21567', 'BUFSIZ': '1024', 'BACKLOG': '5'}
    assert expected.items() <= constants.items()


@pytest.mark.parametrize('name', LAST)
def test_the_tags_go_up_to_the_last_line_each_once_in_one_column(name):
    program = Program(name)
    assert len(program.python) == LAST[name]
    lines = program.rust_path.read_text('utf-8').splitlines()
    tags = [one for one in lines if re.search(r'// (\+|\d+)$', one)]
    assert [one for one in tags if one.rindex('//') != tags[0].rindex('//')] == []
    numbers = re.findall(r'// (\d+)$', '\n'.join(tags), re.MULTILINE)
    assert [*map(int, numbers)] == [*range(3, LAST[name] + 1)]


def expected(code):
    """What the Rust of a Python line has."""
    yield from [rust for python, rust in PAIRS if python in code]
    yield from re.findall(r'\w+_sock\b', code)
    if re.match(r"HOST| *print\('", code):
        yield from re.findall("'(.*?)'", code)


@pytest.mark.parametrize('name', LAST)
def test_every_line_is_ported_in_order_and_at_the_same_nesting_level(name):
    program = Program(name)
    function = [line.startswith('fn ') for line in program.rust].index(True)
    for row in program.rows:
        if row.python is None or row.number < 3:
            continue
        first, code = row.rust[0], row.python.split('  #')[0]
        lines = program.rust[first : row.rust[-1] + 1]
        here = f'{program.rust_path}:{first} ports line {row.number}, {code}'
        assert indent(lines[0]) == indent(code) + 4 * (first > function), here
        assert row.number < 5 or len(re.findall('\n.*\\w', '\n'.join(lines))) < 2, here
        assert [one for one in expected(code) if one not in ' '.join(lines)] == [], here
