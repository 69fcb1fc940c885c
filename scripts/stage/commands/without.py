"""What without.sh does: takes lines out of the programs and says what happens then."""

import itertools
import json
import multiprocessing
import os
import re
import subprocess
import tempfile
import textwrap
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from pathlib import Path

from stage import network
from stage.compare import differences, results
from stage.model import End, Problem, side
from stage.play import Play
from stage.project import HOST, PROGRAMS, python_command
from stage.scenario import Scenario
from stage.tags import Program, UnknownPart, indent
from stage.words import words

WORKERS = 3
WIDTHS = 4, 22, 24, 24
ROW = '{:>4}  {:22}  {:24}  {:24}'
TWO_CLIENTS = """server starts
client starts
client types hello
client leaves
client 2 starts
client 2 types hello
client 2 leaves
2 seconds pass"""
SERVER_GOES = """server starts
client starts
client types hello
server is killed
client types hello?
2 seconds pass"""

# Lines as they were printed, and the same mistake in Rust: the text there, and its replacement.
PRINTED = """tcp-server 20
tcp_cli_sock.send('[%s] %s' % (bytes(ctime(), 'utf-8'), data))
[b"[", ctime().as_bytes(), b"] ", &data].concat()
format!("[{}] {:?}", ctime(), data)

tcp-client 14
tcp_cli_sock.send(data)
send(&data)
send(&String::from_utf8_lossy(&data))

udp-server 14
udp_ser_sock.sendto('[%s] %s' % (ctime(), data), addr)
[b"[", ctime().as_bytes(), b"] ", &data].concat()
format!("[{}] {:?}", ctime(), data)

udp-client 13
udp_cli_sock.sendto(data, ADDR)
send_to(&data,
send_to(&String::from_utf8_lossy(&data),

udp-client 17
print(data)
print(String::from_utf8_lossy(&data))
print(data)"""
MISTAKES = {
    place: texts
    for place, *texts in (block.split('\n') for block in PRINTED.split('\n\n'))
}

# Who finds it: there is no fault, or nobody does; at run time; at compile time.
NOTHING, NOBODY, RUN, COMPILE = range(4)


# ── The lines of a copy ──────────────────────────────────────────────────────────────


def python_without(lines, number):
    """The lines, with blank ones in place of this one and its block."""
    end = number
    while end < len(lines) and indent(lines[end]) > indent(lines[number - 1]):
        end += 1
    return lines[: number - 1] + [''] * (end - number + 1) + lines[end:]


def rust_without(program, number):
    """The same for what is tagged with a number, except a closing brace whose block remains."""
    left, depth = program.rust[:], 0
    for at, (line, tag) in enumerate(zip(left, program.held)):
        deeper = depth + line.count('{') - line.count('}')
        if deeper >= 0 and (depth or tag == number):
            left[at], depth = '', deeper
    return left


def copies(program, way, number):
    """The lines of both copies: Python, Rust."""
    if way == 'without':
        return python_without(program.python, number), rust_without(program, number)
    line, text, mistake = MISTAKES[f'{program.name} {number}']
    python = program.python[:]
    python[number - 1] = ' ' * indent(python[number - 1]) + line
    both = zip(program.rust, program.held)
    return python, [
        code.replace(text, mistake) if tag == number else code for code, tag in both
    ]


# ── One try ──────────────────────────────────────────────────────────────────────────


def build(program, source):
    """Compiles a copy in Rust; the first error is a problem."""
    messages = map(json.loads, os.environ['LIBRARIES'].splitlines())
    files = {
        one['target']['name']: one['filenames'][0]
        for one in messages
        if 'filenames' in one
    }
    command = 'rustc --edition 2024 --cap-lints allow --error-format json'.split()
    for library in 'common', 'socket2':
        command.append(f'--extern={library}={files[library]}')
    command += ['-L', Path(files['socket2']).parent]
    command += ['-o', source.with_name(program.name), source]
    compiled = subprocess.run(command, stderr=subprocess.PIPE)
    for message in map(json.loads, compiled.stderr.splitlines()):
        if message['level'] == 'error':
            why = located(message, program)
            raise Problem('does not run', program=program.name, why=why)


def located(message, program):
    """An error with its code, and the line of Python that it is about."""
    code = message['code'] or {'code': 'error'}
    text = f'{code["code"]}: {message["message"]}'
    for span in message['spans']:
        tag = program.held[span['line_start']]
        if span['is_primary'] and tag != '+':
            return f'line {tag}: {text}'
    return text


def converse(name, command, scenario):
    """Lets a copy talk to the Python program on the other side."""
    protocol, own = name.split('-')

    def argv(action, port):
        if side(action.who) != own:
            return PROGRAMS[f'{protocol}-{side(action.who)}'][0].command(port)
        return command([HOST, port] if port else [])

    *actions, pause = scenario.actions
    with Play(scenario, protocol, argv) as play:
        play.play(actions)
        if not play.all[-1].has_exited:
            play.play([pause])  # for Rust's client, which waits one second for a reply
        return results(play)


def try_out(program, version, lines):
    """What each scenario came to. Index 0 of Rust's lines is no line."""
    scenarios = [Scenario('two clients', TWO_CLIENTS)]
    if program.name == 'tcp-client':
        scenarios.append(Scenario('the server goes', SERVER_GOES))
    text = '\n'.join(lines[version:]) + '\n'
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, PROGRAMS[program.name][version].path.name)
        copy.write_text(text.replace('REPLY_TIMEOUT)', 'REPLY_TIMEOUT / 5)'), 'utf-8')
        if version:
            build(program, copy)

        def command(address):
            built = [copy.with_name(program.name), *address]
            return built if version else python_command(copy, address)

        return [converse(program.name, command, one) for one in scenarios]


@lru_cache(maxsize=None)
def usual(name, version):
    """What the whole program does."""
    program = Program(name)
    found = try_out(program, version, [program.python, program.rust][version])
    if [End('exits')] not in found[0].ends:
        why = ', '.join(found[0].messages)
        raise Problem('does not run', program=name, why=why)
    return found


# ── What is said of it ───────────────────────────────────────────────────────────────


def finding(name, way, number, version):
    """Who finds the fault in a changed program, and what it is."""
    program, before, say = Program(name), usual(name, version), words()
    lines = copies(program, way, number)[version]
    if lines == [program.python, program.rust][version]:
        language = PROGRAMS[name][version].language.name
        return NOTHING, say('without', 'no code', text=language)
    text = ''.join(lines)
    if not network.is_own() and '.listen(' in text and '.bind(' not in text:
        return NOTHING, say('without', 'not tried')
    try:
        now = try_out(program, version, lines)
    except Problem as problem:
        if problem.key == 'does not run':
            return COMPILE, problem.facts['why']
        return NOBODY, say('without', 'no rest')
    found = [*own_faults(name, now, before), *others(name, now, before, way)]
    return [*found, (NOTHING, say('without', 'nothing'))][0]


def own_faults(name, now, before):
    """What the program itself reports: an error, or a warning."""
    for one, other in zip(now, before):
        every = zip(one.who, one.ends, one.messages, other.messages)
        for who, [end], message, usual_message in every:
            text = re.sub(r"\.? (Did you|after ').*", '', message)
            if side(who) != name.split('-')[1]:
                continue
            if end.error or end.status:
                yield COMPILE if 'IndentationError' in text else RUN, text
            elif text != usual_message:
                yield RUN, words()('without', 'warns', text=text)


def others(name, now, before, way):
    """What only a person notices."""
    names = [words()('without', way, one) for one in ('it', 'other')]
    for one, other in zip(now, before):
        for difference in differences(other, one, name.split('-')[0]):
            yield NOBODY, words().difference(difference, names)


# ── The table ────────────────────────────────────────────────────────────────────────


def show(*cells):
    """A row of the table; what is too long for its column goes on below."""
    columns = [
        textwrap.wrap(cell, width, break_on_hyphens=False)
        for cell, width in zip(cells, WIDTHS)
    ]
    for parts in itertools.zip_longest(*columns, fillvalue=''):
        print(ROW.format(*parts).rstrip(), flush=True)


def show_program(pool, program, way, numbers):
    """The rows of a program; returns who finds each fault, in Python and in Rust."""
    every = [
        [pool.submit(finding, program.name, way, number, version) for version in (0, 1)]
        for number in numbers
    ]
    heads = [words()('without', way, one) for one in ('line', 'Python', 'Rust')]
    show(heads[0], program.python_path.name, *heads[1:])
    found = []
    for number, futures in zip(numbers, every):
        by, texts = zip(*[future.result() for future in futures])
        show(str(number), shown_code(program, way, number), *texts)
        found.append(by)
    return found


def shown_code(program, way, number):
    """A line of Python without its comment, cut to its column."""
    code = program.python[number - 1].split('  # ')[0]
    if way == 'as printed':
        code = MISTAKES[f'{program.name} {number}'][0]
    return code if len(code) <= WIDTHS[1] else code[: WIDTHS[1] - 1] + '…'


def summary(found):
    """How many faults are found when, and by whom."""
    faults = [by for by in found if any(by)]
    return words()(
        'without',
        'summary',
        count=len(faults),
        compile=[by.count(COMPILE) for by in zip(*faults)],
        run=[by.count(RUN) for by in zip(*faults)],
        nobody=sum(max(by) == NOBODY for by in faults),
    )


def numbers_of(program, way, line):
    """The lines that are tried."""
    numbers = range(1, len(program.python) + 1)
    if way == 'as printed':
        return [one for one in numbers if f'{program.name} {one}' in MISTAKES]
    if line and line not in map(str, numbers):
        raise UnknownPart(
            'no such line of it', program=program.name, number=line, count=len(numbers)
        )
    return [int(line)] if line else numbers


def main(name='', line=''):
    way = 'as printed' if name == '--as-printed' else 'without'
    names = [name] if name and way == 'without' else PROGRAMS
    with ProcessPoolExecutor(WORKERS, multiprocessing.get_context('fork')) as pool:
        for program in map(Program, names):
            print('\n' * (program.name != [*names][0]), end='')
            numbers = numbers_of(program, way, line)
            found = show_program(pool, program, way, numbers)
            if len(numbers) == len(program.python):
                print(textwrap.fill(summary(found), 80))
