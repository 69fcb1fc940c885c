"""Takes lines out of the programs and says what happens then: see without.sh.

    without.py FOLDER [PROGRAM [LINE]]
    without.py FOLDER --as-printed      puts the lines of the listings in place of ours

FOLDER is for the copies, and has in `built` what cargo said of the libraries.
"""
import difflib
import itertools
import json
import os
import re
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import mask
import pair
from join import PROGRAMS, Program, indent

LANGUAGES = ['Python', 'Rust']
WIDTHS = 4, 22, 24, 24  # of the columns
WORKERS = 3
FOR_EVER = 2.5          # seconds; longer than Rust's UDP client waits for a reply here
CLOSE = None            # in place of words: the server ends, and closes the conversation
TALKS = ['hello', ''], ['hello', CLOSE, 'hello?', '']

# The lines that fail as they were printed, and the same mistake in Rust: what
# stands there, and what then does.
REPLY = '[b"[", ctime().as_bytes(), b"] ", &data].concat()', 'format!("[{}] {:?}", ctime(), data)'
PRINTED = [
    ('tcp-server', 20, "tcp_cli_sock.send('[%s] %s' % (bytes(ctime(), 'utf-8'), data))", REPLY),
    ('tcp-client', 14, 'tcp_cli_sock.send(data)',
     ('send(&data)', 'send(&String::from_utf8_lossy(&data))')),
    ('udp-server', 14, "udp_ser_sock.sendto('[%s] %s' % (ctime(), data), addr)", REPLY),
    ('udp-client', 13, 'udp_cli_sock.sendto(data, ADDR)',
     ('send_to(&data,', 'send_to(&String::from_utf8_lossy(&data),')),
    ('udp-client', 17, 'print(data)', ('print(String::from_utf8_lossy(&data))', 'print(data)'))]

# What comes of it: no fault, one that nobody finds, one that is found.
NOTHING, SILENT, RUN, EARLY = range(4)


# ── Without a line ───────────────────────────────────────────────────────────

def python_without(lines, number):
    """The lines, with blank ones in place of this one and its block."""
    end = number
    while end < len(lines) and indent(lines[end]) > indent(lines[number - 1]):
        end += 1
    return lines[:number - 1] + [''] * (end - number + 1) + lines[end:]


def rust_without(program, number):
    """The same for those of a number. The brace that ends a block which stays, stays."""
    left, depth = program.rust[1:], 0
    for at, (line, tag) in enumerate(zip(left, program.held[1:])):
        deeper = depth + line.count('{') - line.count('}')
        if deeper >= 0 and (depth or tag == number):
            left[at], depth = '', deeper
    return left


def compiled(program, copy, libraries):
    """The first error of Rust's compiler, or None."""
    text = copy.read_text('utf-8')
    copy.write_text(text.replace('Some(REPLY_TIMEOUT)', 'Some(REPLY_TIMEOUT / 5)'), 'utf-8')
    rustc = subprocess.run(
        ['rustc', '--edition', '2024', '--crate-name', program.name.replace('-', '_'),
         '--extern', f"common={libraries['common']}", '--extern', f"socket2={libraries['socket2']}",
         '-L', str(Path(libraries['socket2']).parent), '--cap-lints', 'allow',
         '--error-format', 'json', '-o', str(copy.with_name(program.name)), str(copy)],
        stderr=subprocess.PIPE, check=False)
    for message in map(json.loads, rustc.stderr.splitlines()):
        if message['level'] == 'error':
            at = [span['line_start'] for span in message['spans'] if span['is_primary']]
            tag = program.held[at[0]] if at else '+'
            where = f'line {tag}: ' if tag != '+' else ''
            return f"{where}{(message['code'] or {'code': 'error'})['code']}: {message['message']}"
    return None


# ── Run ──────────────────────────────────────────────────────────────────────

def left_open(server):
    """Of which clients the server's end is in CLOSE-WAIT: they closed, it did not (Linux)."""
    return {one['peer'] for one in server.sockets('tcp') if one['state'] == 'CLOSE-WAIT'}


def conversation(program, command, port, folder):
    """What all came to that took part, and what the kernel says of the server."""
    protocol, own = program.split('-')
    found, left = [], set()
    with pair.Pair(protocol, folder) as running:
        def begin(side):
            other = pair.command('python', f'{protocol}-{side}', port)
            running.start(side, command if side == own else other)
            return running.programs[-1]

        server = begin('server')
        for talk in TALKS if program == 'tcp-client' else TALKS[:1] * 2:
            client = begin('client')
            if left:
                found = ['the connection stays in CLOSE-WAIT'
                         + ' until the next accept' * bool(left - left_open(server))]
            for words in talk:
                if words is CLOSE:
                    server.process.terminate()
                else:
                    client.type(words)
                running.rest()
            try:
                client.process.wait(FOR_EVER)
            except subprocess.TimeoutExpired:
                break
            left = left_open(server)
        if any(one['state'] == 'LISTEN' and one['own'] != port
               for one in server.sockets('tcp')):
            found = ['it listens on another port']
        clients = running.ports if len(running.ports) == len(running.programs) - 1 else ()
        return [came_to(one, port, clients) for one in running.programs], found


def came_to(one, port, clients):
    """Its side, its status, its screen and its messages, times and ports masked."""
    texts = [[mask.masked(re.sub(rf'\b{port}\b', 'PORT', line), clients)
              for line in text.splitlines()] for text in (one.screen(), one.messages())]
    return one.side, one.process.poll(), *texts


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
    found = [one for one in now[1] if 'listens' in one]
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
                 for text in [difference(before[2], after[2])] if text] or now[1]
    found = list(dict.fromkeys(found))[:2]
    return (SILENT, '; '.join(found)) if found else (NOTHING, 'nothing changes')


def tried(program, language, lines, folder, libraries):
    """Rust's first error; or None, and what the conversation came to."""
    folder.mkdir()
    path = program.rust_path if language == 'Rust' else program.python_path
    copy, port = folder / path.name, pair.free_port()
    copy.write_text('\n'.join(lines) + '\n', 'utf-8')
    if language == 'Python':
        return None, conversation(program.name, pair.python_command(copy, port), port, folder)
    error = compiled(program, copy, libraries)
    command = [folder / program.name, '127.0.0.1', port]
    return error, None if error else conversation(program.name, command, port, folder)


def whole(program, language, folder, libraries):
    """What is usual."""
    lines = program.rust[1:] if language == 'Rust' else program.python
    error, now = tried(program, language, lines, folder / f'{program.name}-{language}', libraries)
    if error or now[1] or any(status != 0 for side, status, _, _ in now[0] if side == 'client'):
        raise RuntimeError(f'{program.name} does not run as it is: {error or now}')
    return now


def printed(program, language, number):
    """The lines with one as it was printed, or with the same mistake."""
    _, _, line, (ours, mistaken) = next(one for one in PRINTED if one[:2] == (program.name, number))
    if language == 'Python':
        before = program.python[number - 1]
        return [' ' * indent(before) + line if one is before else one for one in program.python]
    return [line.replace(ours, mistaken) if tag == number else line
            for line, tag in zip(program.rust[1:], program.held[1:])]


def without(number, program, language, folder, libraries, usual):
    """What comes of a program without a line: who finds the fault, and a text."""
    if sys.argv[2:] == ['--as-printed']:
        left = printed(program, language, number)
    elif language == 'Rust':
        left = rust_without(program, number)
    else:
        left = python_without(program.python, number)
    if left == (program.rust[1:] if language == 'Rust' else program.python):
        return NOTHING, 'no Rust of its own'
    text = ''.join(left)
    if not os.environ['network'] and '.listen(' in text and '.bind(' not in text:
        return NOTHING, 'not tried: it would listen on every interface'
    folder = folder / f'{program.name}-{language}-{number}'
    try:
        error, now = tried(program, language, left, folder, libraries)
    except TimeoutError:
        return SILENT, 'never comes to rest'
    return (EARLY, error) if error else said(program.name.split('-')[1], usual.result(), now)


# ── Show ─────────────────────────────────────────────────────────────────────

def show(*cells):
    """A row of the table; what is too long for its column goes on below."""
    columns = [textwrap.wrap(cell, width, break_on_hyphens=False)
               for cell, width in zip(cells, WIDTHS)]
    for parts in itertools.zip_longest(*columns, fillvalue=''):
        padded = [f'{part:{width}}' for part, width in zip(parts, WIDTHS)]
        print('  '.join([parts[0].rjust(WIDTHS[0]), *padded[1:]]).rstrip(), flush=True)


def table(pool, program, chosen, folder, libraries):
    program, lines = Program(program), {}
    given = [(program, language, folder, libraries) for language in LANGUAGES]
    usual = [pool.submit(whole, *one) for one in given]
    jobs = [(number, [pool.submit(without, number, *one, now) for one, now in zip(given, usual)])
            for number in chosen or range(1, len(program.python) + 1)]
    for now in usual:
        now.result()  # or this raises what is wrong with the whole program
    if sys.argv[2:] == ['--as-printed']:
        lines = {number: line for name, number, line, _ in PRINTED if name == program.name}
        show('line', program.python_file, 'as printed, Python 3', 'the same mistake, Rust')
    else:
        show('line', program.python_file, 'without it, Python', 'without it, Rust')
    found = []
    for number, job in jobs:
        code = lines.get(number) or re.sub(r'(?<=\S)  # .*', '', program.python[number - 1])
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
    folder, programs = Path(sys.argv[1]), sys.argv[2:3] or PROGRAMS
    chosen = {name: [int(number) for number in sys.argv[3:]] for name in programs}
    if programs == ['--as-printed']:
        chosen = {name: [number for one, number, *_ in PRINTED if one == name] for name in PROGRAMS}
    built = map(json.loads, (folder / 'built').read_text('utf-8').splitlines())
    libraries = {message['target']['name']: message['filenames'][0] for message in built
                 if message['reason'] == 'compiler-artifact'}
    with ThreadPoolExecutor(WORKERS) as pool:
        for at, (program, numbers) in enumerate(chosen.items()):
            if at:
                print()
            found = table(pool, program, numbers, folder, libraries)
            if not numbers:
                print('\n'.join(textwrap.wrap(count(found), 80)))


pair.lead()
main()
