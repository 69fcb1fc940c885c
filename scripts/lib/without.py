"""Takes lines out of the programs and says what happens then: see without.sh.

    without.py FOLDER NETWORK [PROGRAM [LINE]]

FOLDER is for the copies, and has in `built` what cargo said of the libraries.
NETWORK is `own`, a new one that nobody else uses, or `shared`.
"""
import difflib
import fcntl
import itertools
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']
LANGUAGES = ['Python', 'Rust']
WIDTHS = 4, 22, 24, 24  # of the columns
PORTS = itertools.count(22000)
WORKERS = 3
FOR_EVER = 2.5          # seconds; longer than Rust's UDP client waits for a reply here
DEADLINE = 15           # seconds for a program to come to rest
CLOSE = None            # in place of words: the server ends, and closes the conversation
TALKS = ['hello', ''], ['hello', CLOSE, 'hello?', '']

# What comes of it: no fault, one that nobody finds, one that is found.
NOTHING, SILENT, RUN, EARLY = range(4)


def python_file(program):
    return TOP / program / (program.replace('-', '_') + '.py')


def source(program, language):
    return TOP / program / 'src/main.rs' if language == 'Rust' else python_file(program)


# ── Without a line ───────────────────────────────────────────────────────────

def indent(line):
    return len(line) - len(line.lstrip())


def python_without(lines, number):
    """The lines, with blank ones in place of this one and its block."""
    end = number
    while end < len(lines) and indent(lines[end]) > indent(lines[number - 1]):
        end += 1
    return lines[:number - 1] + [''] * (end - number + 1) + lines[end:]


def tags(lines):
    """For each line of main.rs the line that it ports: a tag holds until the next."""
    tag, found = None, []
    for line in lines:
        match = re.search(r'// (\+|\d+)$', line)
        tag = match[1] if match else tag
        found.append('2' if line.startswith('//!') else tag)
    return found


def rust_without(lines, number):
    """The lines, with blank ones in place of those of a number and their blocks. The
    brace that ends a block which stays, stays."""
    left, depth = list(lines), 0
    for at, (line, tag) in enumerate(zip(lines, tags(lines))):
        deeper = depth + line.count('{') - line.count('}')
        if deeper >= 0 and (depth or tag == str(number)):
            left[at], depth = '', deeper
    return left


def compiled(program, copy, libraries):
    """The first error of Rust's compiler, or None."""
    text = copy.read_text('utf-8')
    copy.write_text(text.replace('Some(REPLY_TIMEOUT)', 'Some(REPLY_TIMEOUT / 5)'), 'utf-8')
    names = {'CARGO_PKG_NAME': program, 'CARGO_PKG_DESCRIPTION': ''}
    rustc = start(['rustc', '--edition', '2024', '--crate-name', program.replace('-', '_'),
                   '--extern', 'common=' + libraries['common'],
                   '--extern', 'socket2=' + libraries['socket2'],
                   '-L', Path(libraries['socket2']).parent, '--cap-lints', 'allow',
                   '--error-format', 'json', '-o', copy.with_name(program), copy],
                  env={**os.environ, **names}, stderr=subprocess.PIPE)
    for message in map(json.loads, rustc.communicate()[1].splitlines()):
        if message['level'] == 'error':
            at = [span['line_start'] for span in message['spans'] if span['is_primary']]
            lines = source(program, 'Rust').read_text('utf-8').splitlines()
            tag = tags(lines)[at[0] - 1] if at else None
            where = f'line {tag}: ' if tag not in (None, '+') else ''
            return f"{where}{(message['code'] or {'code': 'error'})['code']}: {message['message']}"
    return None


# ── Run ──────────────────────────────────────────────────────────────────────

STARTING = threading.Lock()


def start(command, **options):
    with STARTING:
        return subprocess.Popen([str(word) for word in command], **options)


def stop(*_):
    """Ends this process and all that it started: they are a group of their own."""
    STARTING.acquire()  # and nobody starts another
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    os._exit(1)


def free_port():
    for port in PORTS:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(('127.0.0.1', port))
                udp.bind(('127.0.0.1', port))
                return port
            except OSError:
                pass


class Running:
    """A program that runs: its keyboard, its screen and its messages."""

    def __init__(self, side, command, port, folder):
        self.side, self.port = side, port
        self.files = [Path(f'{folder}/{side}{next(PORTS)}.{name}') for name in ('out', 'err')]
        with open(self.files[0], 'wb') as out, open(self.files[1], 'wb') as err:
            self.process = start(command, stdin=subprocess.PIPE, stdout=out, stderr=err)

    def type(self, line):
        with suppress(BrokenPipeError):  # it has ended
            os.write(self.process.stdin.fileno(), line.encode() + b'\n')

    def state(self):
        """Whether it sleeps or has ended, and what changes as long as it does not."""
        if self.process.poll() is not None:
            return True, None
        try:
            state = Path(f'/proc/{self.process.pid}/stat').read_text().rpartition(')')[2]
        except OSError:  # where there is no /proc
            ps = ['ps', '-o', 'state=', '-p', str(self.process.pid)]
            state = subprocess.run(ps, check=False, stdout=subprocess.PIPE, encoding='ascii').stdout
        return state.strip()[:1] in ('S', 'I'), [file.stat().st_size for file in self.files]

    def listens_elsewhere(self):
        """Whether it listens for TCP on another port than it was told (Linux)."""
        try:
            files = list(Path(f'/proc/{self.process.pid}/fd').iterdir())
            inodes = [os.readlink(str(file)) for file in files]
            sockets = [row.split() for row in Path('/proc/net/tcp').read_text().splitlines()]
        except OSError:
            return False
        return any(row[3] == '0A' and f'socket:[{row[9]}]' in inodes
                   and int(row[1].split(':')[1], 16) != self.port for row in sockets)

    def came_to(self):
        """Its side, its status, its screen and its messages, times and ports masked."""
        texts = [file.read_text('utf-8', 'replace') for file in self.files]
        for pattern, mask in ((rf'\b{self.port}\b', 'PORT'),
                              (r'\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]', '[TIME]'),
                              (r"(127\.0\.0\.1(?::|', ))\d+", r'\1PORT')):
            texts = [re.sub(pattern, mask, text) for text in texts]
        return (self.side, self.process.poll(), *(text.splitlines() for text in texts))


def conversation(program, command, port, folder):
    """What all came to that took part, and whether the server listens elsewhere."""
    protocol, own = program.split('-')
    running = []

    def begin(side):
        ours = command if side == own else half(python_file(f'{protocol}-{side}'), port)
        running.append(Running(side, ours, port, folder))
        rest()

    def rest():
        end, before, times = time.monotonic() + DEADLINE, None, 0
        while times < 3:
            now = [one.state() for one in running]
            times = times + 1 if now == before and all(resting for resting, _ in now) else 0
            before = now
            if time.monotonic() > end:
                raise TimeoutError
            time.sleep(0.02)

    try:
        begin('server')
        for talk in TALKS if program == 'tcp-client' else TALKS[:1] * 2:
            begin('client')
            for words in talk:
                if words is CLOSE:
                    running[0].process.terminate()
                else:
                    running[-1].type(words)
                rest()
            try:
                running[-1].process.wait(FOR_EVER)
            except subprocess.TimeoutExpired:
                break
        return [one.came_to() for one in running], running[0].listens_elsewhere()
    finally:
        for one in running:
            one.process.stdin.close()
            one.process.kill()
            one.process.wait()


def half(file, port):
    return [sys.executable, '-u', TOP / 'scripts/lib/run_half.py', file, port]


# ── Say ──────────────────────────────────────────────────────────────────────

def failure(messages):
    """The last message, in Python with the line of the program that it comes from."""
    text = '\n'.join(messages)
    where = re.findall(r'File ".*(?:server|client)\.py", line (\d+)', text)
    last = re.sub(r"\.? (Did you|after ').*", '', text.splitlines()[-1] if text else 'ends')
    return (f'line {where[-1]}: ' if where else '') + re.sub(r'^\w+-\w+: ', '', last)


def difference(before, now):
    lines = [line for line in difflib.ndiff(before, now) if line[:2] in ('- ', '+ ')]
    lacks = ['"' + line[2:].strip() + '"' for line in lines if line[0] == '-'][:1]
    more = ['"' + line[2:].strip() + '"' for line in lines if line[0] == '+'][:1]
    if more:
        return f'shows {more[0]}' + (f', not {lacks[0]}' if lacks else ' as well')
    return f'does not show {lacks[0]}' if lacks else None


def said(own, usual, now):
    """What is not as usual, and who finds it."""
    rows = list(zip(usual[0], now[0]))
    for (_, usual_status, _, usually), (side, status, _, messages) in rows:
        if side == own and status not in (None, 0, usual_status):
            text = (f'status {status}: ' if status != 1 else '') + failure(messages)
            return (EARLY if 'IndentationError' in text else RUN), text
        if side == own and status == usual_status and messages != usually:
            return RUN, 'warns: ' + failure(messages)
    found = ['it listens on another port'] if now[1] else []
    for (_, usual_status, usual_screen, _), (side, status, screen, messages) in rows:
        who = 'it' if side == own else f'the {side}'
        if status == 0 and (usual_status is None or usual_screen and not screen):
            found.append(f'{who} ends at once')
        elif side == 'client' and status is None:
            found.append(f'{who} waits for ever')
        elif status not in (None, usual_status):
            found.append(f'{who}: {failure(messages)}')
    if not found:
        found = [f'{"it" if after[0] == own else "the " + after[0]} {text}'
                 for before, after in rows
                 for text in [difference(before[2], after[2])] if text]
    found = list(dict.fromkeys(found))[:2]
    return (SILENT, '; '.join(found)) if found else (NOTHING, 'nothing changes')


def tried(program, language, lines, folder, libraries):
    """Rust's first error; or None, and what the conversation came to."""
    folder.mkdir()
    copy, port = folder / source(program, language).name, free_port()
    copy.write_text('\n'.join(lines) + '\n', 'utf-8')
    if language == 'Python':
        return None, conversation(program, half(copy, port), port, folder)
    error = compiled(program, copy, libraries)
    command = [folder / program, '127.0.0.1', port]
    return error, None if error else conversation(program, command, port, folder)


def whole(program, language, folder, libraries):
    """What is usual."""
    lines = source(program, language).read_text('utf-8').splitlines()
    error, now = tried(program, language, lines, folder / f'{program}-{language}', libraries)
    if error or any(status != 0 for side, status, _, _ in now[0] if side == 'client'):
        raise RuntimeError(f'{program} does not run as it is: {error or now}')
    return now


def without(number, program, language, folder, libraries, usual):
    """What comes of a program without a line: who finds the fault, and a text."""
    lines = source(program, language).read_text('utf-8').splitlines()
    left = (rust_without if language == 'Rust' else python_without)(lines, number)
    if ''.join(left) == ''.join(lines):
        return NOTHING, 'no Rust of its own'
    text = ''.join(left)
    if sys.argv[2] == 'shared' and '.listen(' in text and '.bind(' not in text:
        return NOTHING, 'not tried: it would listen on every interface'
    folder = folder / f'{program}-{language}-{number}'
    try:
        error, now = tried(program, language, left, folder, libraries)
    except TimeoutError:
        return SILENT, 'never comes to rest'
    return (EARLY, error) if error else said(program.split('-')[1], usual.result(), now)


# ── Show ─────────────────────────────────────────────────────────────────────

def show(*cells):
    """A row of the table; what is too long for its column goes on below."""
    columns = [textwrap.wrap(cell, width, break_on_hyphens=False)
               for cell, width in zip(cells, WIDTHS)]
    for parts in itertools.zip_longest(*columns, fillvalue=''):
        padded = [f'{part:{width}}' for part, width in zip(parts, WIDTHS)]
        print('  '.join([parts[0].rjust(WIDTHS[0]), *padded[1:]]).rstrip(), flush=True)


def table(pool, program, chosen, folder, libraries):
    lines = python_file(program).read_text('utf-8').splitlines()
    given = [(program, language, folder, libraries) for language in LANGUAGES]
    usual = [pool.submit(whole, *one) for one in given]
    jobs = [(number, [pool.submit(without, number, *one, now) for one, now in zip(given, usual)])
            for number in chosen or range(1, len(lines) + 1)]
    for now in usual:
        now.result()  # or this raises what is wrong with the whole program
    show('line', python_file(program).name, 'without it, Python', 'without it, Rust')
    found = []
    for number, job in jobs:
        code = re.sub(r'(?<=\S)  # .*', '', lines[number - 1])
        code = code if len(code) <= WIDTHS[1] else code[:WIDTHS[1] - 1] + '…'
        found.append([one.result() for one in job])
        show(str(number), code, *(text for _, text in found[-1]))
    return found


def count(found):
    pairs = [[finder for finder, _ in results] for results in found]
    faults = [pair for pair in pairs if pair != [NOTHING, NOTHING]]
    (python_early, early), (python, rust) = (
        [sum(pair[at] == when for pair in faults) for at in (0, 1)] for when in (EARLY, RUN))
    nobody = sum(max(pair) == SILENT for pair in faults)
    return (f'{len(faults)} faults: at compile time Rust finds {early}, Python {python_early}; '
            f'at run time Python finds {python}, Rust {rust}; nobody finds {nobody}.')


def main():
    folder, programs = Path(sys.argv[1]), sys.argv[3:4] or PROGRAMS
    chosen = [int(number) for number in sys.argv[4:]]
    if sys.argv[2] == 'own':  # its 127.0.0.1 is still down: SIOCSIFFLAGS, IFF_UP
        with socket.socket() as sock:
            fcntl.ioctl(sock, 0x8914, struct.pack('16sh14x', b'lo', 1))
    built = map(json.loads, (folder / 'built').read_text('utf-8').splitlines())
    libraries = {message['target']['name']: message['filenames'][0] for message in built
                 if message['reason'] == 'compiler-artifact'}
    with ThreadPoolExecutor(WORKERS) as pool:
        for program in programs:
            found = table(pool, program, chosen, folder, libraries)
            if not chosen:
                print('\n'.join(textwrap.wrap(count(found), 80)))
            if program != programs[-1]:
                print()


if __name__ == '__main__':
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, stop)
    main()
