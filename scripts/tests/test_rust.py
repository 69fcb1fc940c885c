"""What docs/rust.md and the exercises' hints say of the compiler and of main.rs is true.

Each edit of a program is compiled by `rustc`, or by that of RUSTC. The text says its code soon after
the edit's name.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stage.project import TOP
from stage.words import words

TEXT = ' '.join(
    ' '.join(page.read_text('utf-8') for page in sorted(TOP.glob('docs/*.md'))).split()
)
CRATES = {
    'TS': 'tcp-server',
    'TC': 'tcp-client',
    'US': 'udp-server',
    'UC': 'udp-client',
}
LOSSY = 'String::from_utf8_lossy(&data)'
BYTES = 'String::from_utf8(data)'
SEND = '.send(&data).at("send", server_addr)?'
RECV = 'data = recv(&tcp_cli_sock, BUFSIZ)'
LINES = "data.clear(); lines.read_until(b'\\n', &mut data)"
DATA = 'b"] ", &data]'
REPLY = '[b"[", ctime().as_bytes(), b"] ", &data].concat()'
LOOP, TALK = '    loop {       ', '        loop {       '
READER = '    let mut lines = std::io::BufReader::new(&tcp_cli_sock);\n' + LOOP
BEFORE = (LOOP, 'let mut before: Option<Vec<u8>> = None;\n' + LOOP)
USED, ENDS = '        let reply', '        print(format'
TIMEOUT = '        tcp_cli_sock.set_read_timeout(LIMIT);\n' + TALK
# The conversation of the TCP server from `loop {` on, as a thread.
THREAD = [('        }\n        drop(tcp_cli_sock);', '        });')]
USE = 'const HOST'
ENUM = (
    'enum Request { Time, Length(usize), Echo }\n'
    'fn request(data: &[u8]) -> Request {\n'
    '    if data == b"time" { Request::Time } else { Request::Length(data.len()) }\n'
    '}\n\nfn main'
)
EDITS = [
    (
        'tcp_cli_sock.close()',
        'TC',
        'E0599',
        ('drop(tcp_cli_sock)', 'tcp_cli_sock.close()'),
    ),
    ('if !data {', 'TC', 'E0600', ('if data.is_empty()', 'if !data')),
    ('print(data)?', 'TC', 'E0277', (LOSSY, 'data')),
    ('let data = input', 'TC', 'E0384', ('let mut data', 'let data')),
    (
        'after `drop`',
        'TC',
        'E0382',
        ('    Ok(', '    tcp_cli_sock.send(b"bye")?;\n    Ok('),
    ),
    ('send("hello")', 'TC', 'E0308', ('send(&data)', 'send("hello")')),
    ('[b"[", &data].concat()', 'TS', 'E0308', (REPLY, '[b"[", &data].concat()')),
    ('while true', 'TS', 'E0308', (LOOP, '    while true { ')),
    ('otherwise', 'TC', 'E0599', ('{At, ', '{')),
    ('and `.at(…)`', 'TC', 'E0599', (LOSSY, BYTES + '.at("decode", server_addr)?')),
    ('bind(&server_addr)', 'TS', 'E0308', ('.into()', '')),
    ('without it', 'TC', 'E0308', ('    Ok(())', '')),
    ('without `?`', 'TS', 'unused_must_use', ('connecting...")?', 'connecting...")')),
    # The exercises
    ('data.upper()', 'US', 'E0599', (DATA, DATA.replace('data', 'data.upper()'))),
    (
        'to_uppercase()',
        'US',
        'E0599',
        (DATA, DATA.replace('data', 'data.to_uppercase()')),
    ),
    ('Without the `&`', 'US', 'E0308', (DATA, 'b"] ", data.to_ascii_uppercase()]')),
    (
        'while … { break sock; }',
        'TC',
        'E0571',
        (LOOP, 'while true { break 1; }' + LOOP),
    ),
    (
        'unknown after the block',
        'TC',
        'E0425',
        (LOOP, '{ let sock = 1; } drop(sock);' + LOOP),
    ),
    ('sleep(1)', 'TC', 'E0308', (LOOP, 'std::thread::sleep(1);' + LOOP)),
    ('Without `use std::io::BufRead`', 'TC', 'E0599', (LOOP, READER), (RECV, LINES)),
    (
        '`let lines` without `mut`',
        'TC',
        'E0596',
        (USE, 'use std::io::BufRead;\n' + USE),
        (LOOP, READER.replace('mut ', '')),
        (RECV, LINES),
    ),
    ('BufReader::new(tcp_cli_sock)', 'TC', 'E0382', (LOOP, READER.replace('(&', '('))),
    (
        'tcp_cli_sock.write_all(&data)',
        'TC',
        'E0596',
        (USE, 'use std::io::Write;\n' + USE),
        (SEND, SEND.replace('send(&', 'write_all(&')),
    ),
    ('spawn(|| …)', 'TS', 'E0373', (TALK, 'std::thread::spawn(|| loop { '), *THREAD),
    (
        'stays outside',
        'TS',
        'E0382',
        (TALK, 'std::thread::spawn(move || loop { '),
        ('        }\n        drop(', '        });\n        drop('),
    ),
    (
        'spawn(serve(tcp_cli_sock, addr))',
        'TS',
        'E0277',
        ('drop(tcp_cli_sock)', 'std::thread::spawn(serve(tcp_cli_sock))'),
        ('fn main', 'fn serve(_: Socket) {}\n\nfn main'),
    ),
    (
        'A `?` in a thread',
        'TS',
        'E0277',
        (TALK, 'std::thread::spawn(move || loop { '),
        *THREAD,
        ('.at("send", addr).or_warn()', '?'),
        ('let Some(_) = sent', 'let Some(_) = Some(sent)'),
    ),
    ('set_read_timeout(2)', 'TS', 'E0308', (TALK, TIMEOUT.replace('LIMIT', '2'))),
    ('With neither', 'TS', 'unused_must_use', (TALK, TIMEOUT.replace('LIMIT', 'None'))),
    (
        'Before `UdpSocket::from`',
        'UC',
        'E0308',
        (
            '    let udp_cli_sock = UdpSocket',
            'udp_cli_sock.connect(server_addr)?;\nlet s = UdpSocket',
        ),
    ),
    (
        'before = Some(&data);',
        'US',
        'E0597',
        (LOOP, 'let mut before: Option<&Vec<u8>> = None;\n' + LOOP),
        (USED, 'may_loop(before.unwrap_or(&data), addr);\n' + USED),
        (ENDS, 'before = Some(&data);\n' + ENDS),
    ),
    (
        'match before`',
        'US',
        'E0382',
        BEFORE,
        (USED, 'if let Some(old) = before { drop(old) }\n' + USED),
        (ENDS, 'before = Some(data);\n' + ENDS),
    ),
    ('[b" (", &data, b")"]', 'US', 'E0308', (REPLY, '[b" (", &data, b")"].concat()')),
    (
        'made after the move',
        'US',
        'E0382',
        BEFORE,
        (USED, 'before = Some(data);\n' + USED),
    ),
    ('String::from_utf8(data)?', 'TC', 'E0277', (LOSSY, BYTES + '?')),
    (
        'impl From<FromUtf8Error> for Exit',
        'TC',
        'E0117',
        (
            'fn main',
            'type E = std::string::FromUtf8Error;\n'
            'impl From<E> for common::Exit { fn from(_: E) -> Self { todo!() } }\nfn main',
        ),
    ),
    (
        'leaves out `Request::Echo`',
        'US',
        'E0004',
        ('fn main', ENUM),
        (
            REPLY,
            'match request(&data) { Request::Time => ctime().into_bytes(),'
            'Request::Length(count) => count.to_string().into_bytes() }',
        ),
    ),
    (
        'Request::Time => ctime(),',
        'US',
        'E0308',
        (REPLY, 'match data.len() { 4 => ctime(), _ => ' + REPLY + ' }'),
    ),
    ('data == "time"', 'US', 'E0277', ('fn main', ENUM.replace('b"t', '"t'))),
    (
        'pattern `"time"`',
        'US',
        'E0308',
        (REPLY, 'match data.as_slice() { "time" => Vec::new(), _ => ' + REPLY + ' }'),
    ),
]
SOLVED = [
    ('TC', (LOSSY, BYTES + '.map_err(std::io::Error::other)?')),
    (
        'US',
        (
            REPLY,
            'match data.as_slice() { b"time" => ctime().into_bytes(), _ => '
            + REPLY
            + ' }',
        ),
    ),
    ('US', (REPLY, '[data.as_slice(), b" ", ctime().as_bytes(), &data].concat()')),
    ('TS', (TALK, TIMEOUT.replace('LIMIT', 'None').replace('  tcp', 'let _ = tcp', 1))),
]


@pytest.fixture(scope='module')
def libraries():
    """The paths of `common` and socket2."""
    cargo = 'cargo check --quiet --workspace --locked --message-format json'
    checked = subprocess.run(cargo.split(), cwd=TOP, stdout=subprocess.PIPE, check=True)
    artifacts = [json.loads(line) for line in checked.stdout.splitlines()]
    return {
        one['target']['name']: one['filenames'][0]
        for one in artifacts
        if one['reason'] == 'compiler-artifact'
    }


def codes(libraries, folder, crate, edits):
    """What the compiler says of a changed program."""
    shutil.copytree(TOP / crate / 'src', folder, dirs_exist_ok=True)
    text = (folder / 'main.rs').read_text('utf-8')
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    (folder / 'main.rs').write_text(text, 'utf-8')
    rustc = os.environ.get('RUSTC', 'rustc'), '--edition=2024', '--error-format=json'
    paths = [f'--extern={name}={libraries[name]}' for name in ('common', 'socket2')]
    paths += [f'-Ldependency={Path(libraries["common"]).parent}', f'--out-dir={folder}']
    compiled = subprocess.run(
        [*rustc, '--emit=metadata', *paths, str(folder / 'main.rs')],
        stderr=subprocess.PIPE,
    )
    said = [json.loads(line) for line in compiled.stderr.splitlines()]
    return [one['code']['code'] for one in said if one.get('code')]


@pytest.mark.parametrize(
    'name, crate, code, edits', [(*row[:3], row[3:]) for row in EDITS]
)
def test_the_compiler_says_this_code(libraries, tmp_path, name, crate, code, edits):
    assert re.search(re.escape(name) + '.{0,160}' + code, TEXT)
    found = codes(libraries, tmp_path, CRATES[crate], edits)
    assert code in found and (
        code[0] == 'u' or {one for one in found if one[0] == 'E'} == {code}
    )


@pytest.mark.parametrize('crate, edit', SOLVED)
def test_the_compiler_accepts_what_is_recommended(libraries, tmp_path, crate, edit):
    assert codes(libraries, tmp_path, CRATES[crate], [edit]) == []


def test_each_code_is_tried():
    assert set(re.findall(r'\bE\d{4}\b', TEXT)) == {
        row[2] for row in EDITS if row[2][0] == 'E'
    }


def test_each_token_is_where_it_is_said_and_has_the_words_of_the_page():
    known = dict(words('en').texts['rust'])
    rust = {
        key: (TOP / crate / 'src/main.rs').read_text('utf-8').splitlines()
        for key, crate in CRATES.items()
    }
    rows = r'\| (`[^|]+`) \| ((?:[TU][CS] \d+(?:, )?)+) \| ([^|]+) \| \['
    for tokens, places, meaning in re.findall(
        rows, (TOP / 'docs/rust.md').read_text('utf-8')
    ):
        for token, place in zip(tokens[1:-1].split('`, `'), places.split(', ')):
            key, number = place.split()
            assert token in rust[key][int(number) - 1]
            assert known.pop(token) in meaning.replace('`', '')
    assert not known
