"""What docs/rust.md and the exercises' hints say of the compiler and of main.rs is true.

The title of a story is a code of the compiler, a program, and a text. The story changes this program,
and `rustc`, or that of RUSTC, says the code, which the docs say soon after the text.
"""

import os
import re
import shutil
import subprocess

import pytest

from stage.project import TOP
from stage.words import words
from trees import Tree, stories

TEXT = ' '.join(
    ' '.join(page.read_text('utf-8') for page in sorted(TOP.glob('docs/*.md'))).split()
)
CRATES = {
    'TS': 'tcp-server',
    'TC': 'tcp-client',
    'US': 'udp-server',
    'UC': 'udp-client',
}
EDITS = r"""
E0599 TC tcp_cli_sock.close()
edit main.rs: drop(tcp_cli_sock) → tcp_cli_sock.close()

E0600 TC if !data {
edit main.rs: if data.is_empty() → if !data

E0277 TC print(data)?
edit main.rs: String::from_utf8_lossy(&data) → data

E0384 TC let data = input
edit main.rs: let mut data → let data

E0382 TC after `drop`
edit main.rs: Ok(()) → tcp_cli_sock.send(b"bye")?; Ok(())

E0308 TC send("hello")
edit main.rs: send(&data) → send("hello")

E0308 TS [b"[", &data].concat()
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → [b"[", &data].concat()

E0308 TS while true
edit main.rs: \n    loop { → \n    while true {

E0599 TC otherwise
edit main.rs: {At, → {

E0599 TC and `.at(…)`
edit main.rs: _lossy(&data) → (data).at("decode", server_addr)?

E0308 TS bind(&server_addr)
edit main.rs: server_addr.into() → server_addr

E0308 TC without it
edit main.rs: Ok(()) // → //

unused_must_use TS without `?`
edit main.rs: connecting...")? → connecting...")

E0599 US data.upper()
edit main.rs: "] ", &data] → "] ", &data.upper()]

E0599 US to_uppercase()
edit main.rs: "] ", &data] → "] ", &data.to_uppercase()]

E0308 US Without the `&`
edit main.rs: "] ", &data] → "] ", data.to_ascii_uppercase()]

E0571 TC while … { break sock; }
edit main.rs: loop { → while true { break 1; } loop {

E0425 TC unknown after the block
edit main.rs: loop { → { let sock = 1; } drop(sock); loop {

E0308 TC sleep(1)
edit main.rs: loop { → std::thread::sleep(1); loop {

E0599 TC Without `use std::io::BufRead`
edit main.rs: loop { → let mut lines = std::io::BufReader::new(&tcp_cli_sock); loop {
edit main.rs: data = recv(&tcp_cli_sock, BUFSIZ) → lines.read_until(10, &mut data)

E0596 TC `let lines` without `mut`
edit main.rs: const HOST → use std::io::BufRead; const HOST
edit main.rs: loop { → let lines = std::io::BufReader::new(&tcp_cli_sock); loop {
edit main.rs: data = recv(&tcp_cli_sock, BUFSIZ) → lines.read_until(10, &mut data)

E0382 TC BufReader::new(tcp_cli_sock)
edit main.rs: loop { → let mut lines = std::io::BufReader::new(tcp_cli_sock); loop {

E0596 TC tcp_cli_sock.write_all(&data)
edit main.rs: const HOST → use std::io::Write; const HOST
edit main.rs: .send(&data) → .write_all(&data)

E0373 TS spawn(|| …)
edit main.rs: \n        loop { → \nstd::thread::spawn(|| loop {
edit main.rs: \n        }\n        drop(tcp_cli_sock); → \n});

E0382 TS stays outside
edit main.rs: \n        loop { → \nstd::thread::spawn(move || loop {
edit main.rs: \n        }\n        drop( → \n});\n        drop(

E0277 TS spawn(serve(tcp_cli_sock, addr))
edit main.rs: drop(tcp_cli_sock); → std::thread::spawn(serve(tcp_cli_sock));
edit main.rs: fn tcp → fn serve(_: Socket) {}\n\nfn tcp

E0277 TS A `?` in a thread
edit main.rs: \n        loop { → \nstd::thread::spawn(move || loop {
edit main.rs: \n        }\n        drop(tcp_cli_sock); → \n});
edit main.rs: let sent = tcp_cli_sock.send(&reply).at("send", addr).or_warn() → \
let sent = Some(tcp_cli_sock.send(&reply)?)

E0308 TS set_read_timeout(2)
edit main.rs: \n        loop { → \ntcp_cli_sock.set_read_timeout(2); loop {

unused_must_use TS With neither
edit main.rs: \n        loop { → \ntcp_cli_sock.set_read_timeout(None); loop {

E0308 UC Before `UdpSocket::from`
edit main.rs: let udp_cli_sock = UdpSocket → udp_cli_sock.connect(server_addr)?; let _ = UdpSocket

E0597 US before = Some(&data);
edit main.rs: loop { → let mut before: Option<&Vec<u8>> = None; loop {
edit main.rs: let reply → may_loop(before.unwrap_or(&data), addr); let reply
edit main.rs: print(format → before = Some(&data); print(format

E0382 US match before`
edit main.rs: loop { → let mut before: Option<Vec<u8>> = None; loop {
edit main.rs: let reply → if let Some(old) = before { drop(old) } let reply
edit main.rs: print(format → before = Some(data); print(format

E0308 US [b" (", &data, b")"]
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → [b" (", &data, b")"].concat()

E0382 US made after the move
edit main.rs: loop { → let mut before: Option<Vec<u8>> = None; loop {
edit main.rs: let reply → before = Some(data); let reply

E0277 TC String::from_utf8(data)?
edit main.rs: String::from_utf8_lossy(&data) → String::from_utf8(data)?

E0117 TC impl From<FromUtf8Error> for Exit
edit main.rs: fn main → type E = std::string::FromUtf8Error;\n\
impl From<E> for common::Exit { fn from(_: E) -> Self { todo!() } }\nfn main

E0004 US leaves out `Request::Echo`
edit main.rs: fn main → enum Request { Time, Length(usize), Echo }\n\
fn request(data: &[u8]) -> Request { Request::Length(data.len()) }\nfn main
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → match request(&data) {\n\
Request::Time => ctime().into_bytes(), Request::Length(count) => vec![count as u8] }

E0308 US Request::Time => ctime(),
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → match data.len() {\n\
4 => ctime(), _ => [b"[", ctime().as_bytes(), b"] ", &data].concat() }

E0277 US data == "time"
edit main.rs: fn main → fn is_time(data: &[u8]) -> bool { data == "time" }\nfn main

E0308 US pattern `"time"`
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → match data.as_slice() {\n\
"time" => Vec::new(), _ => [b"[", ctime().as_bytes(), b"] ", &data].concat() }
"""
TITLES = re.findall(r'(?m)^(\w+) [A-Z]{2} ', EDITS)


@pytest.fixture(scope='module')
def rustc():
    """The compiler, with `common` and socket2."""
    cargo = 'cargo check --quiet --workspace --locked --message-format json'
    checked = subprocess.run(cargo.split(), cwd=TOP, stdout=subprocess.PIPE, check=True)
    library = r'"([^"]+)/lib(common|socket2)(-\w+\.rmeta)"'
    command = [os.environ.get('RUSTC', 'rustc'), '--edition=2024', '--emit=metadata']
    for folder, name, rest in re.findall(library, checked.stdout.decode()):
        command.append(f'--extern={name}={folder}/lib{name}{rest}')
        command.append(f'-Ldependency={folder}')
    return [*command, '--error-format=json', 'main.rs']


def codes(rustc, folder, story):
    """What the compiler says of the program after the story."""
    crate = CRATES[story.split()[1]]
    shutil.copytree(TOP / crate / 'src', folder, dirs_exist_ok=True)
    Tree(folder).follow(story)
    compiled = subprocess.run(rustc, cwd=folder, stderr=subprocess.PIPE)
    return re.findall(r'"code":\{"code":"(\w+)', compiled.stderr.decode())


@stories(EDITS)
def test_the_compiler_says_this_code(rustc, tmp_path, story):
    code, _, name = story.split('\n')[0].split(' ', 2)
    assert re.search(f'{re.escape(name)}.{{0,160}}{code}', TEXT)
    found = {*codes(rustc, tmp_path, story)}
    assert code in found and not [one for one in found - {code} if one[0] == 'E']


@stories(r"""
accepted TC
edit main.rs: _lossy(&data) → (data).map_err(std::io::Error::other)?

accepted US
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → match data.as_slice() {\n\
b"time" => ctime().into_bytes(), _ => [b"[", ctime().as_bytes(), b"] ", &data].concat() }

accepted US
edit main.rs: [b"[", ctime().as_bytes(), b"] ", &data].concat() → \
[data.as_slice(), b" ", ctime().as_bytes(), &data].concat()

accepted TS
edit main.rs: \n        loop { → \nlet _ = tcp_cli_sock.set_read_timeout(None); loop {
""")
def test_the_compiler_accepts_what_is_recommended(rustc, tmp_path, story):
    assert codes(rustc, tmp_path, story) == []


def test_each_code_is_tried():
    tried = {code for code in TITLES if code[0] == 'E'}
    assert {*re.findall(r'\bE\d{4}\b', TEXT)} == tried


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
