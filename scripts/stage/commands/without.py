"""What without.sh does: takes lines out of the programs and says what happens then."""

import json
import os
import re
import shutil
import subprocess
import tempfile
from functools import lru_cache, partial
from pathlib import Path

from stage import network
from stage.compare import differences, pool, results
from stage.model import End, Problem, side
from stage.play import Play
from stage.project import PROGRAMS, python_command
from stage.scenario import Scenario
from stage.tags import Program, UnknownPart, indent
from stage.terminal import columns
from stage.words import fill, words, wrap

WIDTHS = 4, 22, 24, 24
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
SCENARIOS = [
    Scenario('two clients', TWO_CLIENTS),
    Scenario('the server goes', SERVER_GOES),  # for the TCP client
]

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
    place: texts for place, *texts in map(str.splitlines, PRINTED.split('\n\n'))
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


def changes(program, way):
    """Each line that is tried: its number, the line, and the copies in Python and in Rust."""
    for number, line in enumerate(program.python, 1):
        mistake = MISTAKES.get(f'{program.name} {number}')
        if way == 'without':
            python = python_without(program.python, number)
            yield number, line, [python, rust_without(program, number)]
        elif mistake:
            yield number, mistake[0], as_printed(program, number, *mistake)


def as_printed(program, number, printed, text, mistake):
    """The copies with a line as it was printed."""
    python, rust = program.python[:], program.rust[:]
    python[number - 1] = ' ' * indent(python[number - 1]) + printed
    for at, tag in enumerate(program.held):
        if tag == number:
            rust[at] = rust[at].replace(text, mistake)
    return [python, rust]


# ── One try ──────────────────────────────────────────────────────────────────────────


def build(program, source):
    """Compiles a copy in Rust; the first error is a problem."""
    command = 'rustc --edition 2024 --cap-lints allow --error-format json'.split()
    for option in os.environ['LIBRARIES'].split('\n'):
        command += [option, '-L', Path(option.split('=')[-1]).parent]
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


def try_out(program, version, lines):
    """What each scenario came to. Index 0 of Rust's lines is no line."""
    protocol, text = program.name.split('-')[0], '\n'.join(lines[version:]) + '\n'
    with tempfile.TemporaryDirectory() as folder:
        path = PROGRAMS[program.name][version].path
        copy = Path(folder, path.name)
        # With what stands beside it: its other modules.
        shutil.copytree(path.parent, folder, dirs_exist_ok=True)
        copy.write_text(text.replace('REPLY_TIMEOUT)', 'REPLY_TIMEOUT / 5)'), 'utf-8')
        if version:
            build(program, copy)

        def argv(action, address):
            other = f'{protocol}-{side(action.who)}'
            if other != program.name:
                return PROGRAMS[other][0].command(*address)
            if version:
                return [copy.with_name(program.name), *address]
            return python_command(copy, address)

        scenarios = SCENARIOS if program.name == 'tcp-client' else SCENARIOS[:1]
        return [converse(Play(one, protocol, argv)) for one in scenarios]


def converse(play):
    """What a copy and the Python program on the other side came to."""
    *actions, pause = play.scenario.actions
    with play:
        play.play(actions)
        if not play.all[-1].has_exited:
            play.play([pause])  # for Rust's client, which waits one second for a reply
        return results(play)


@lru_cache(maxsize=None)
def usual(name, version):
    """The lines of the whole program, and what it does."""
    program = Program(name)
    whole = [program.python, program.rust][version]
    found = try_out(program, version, whole)
    if End('exits') not in found[0].ends:
        why = ', '.join(found[0].messages)
        raise Problem('does not run', program=name, why=why)
    return whole, found


# ── What is said of it ───────────────────────────────────────────────────────────────


def finding(name, way, version, lines):
    """Who finds the fault in a copy, and what it is."""
    whole, before = usual(name, version)
    say, text = partial(words(), 'without'), ''.join(lines)
    if lines == whole:
        return NOTHING, say('no code', text=PROGRAMS[name][version].language)
    if not network.is_own() and '.listen(' in text and '.bind(' not in text:
        return NOTHING, say('not tried')
    try:
        now = try_out(Program(name), version, lines)
    except Problem as problem:
        if problem.key == 'does not run':
            return COMPILE, problem.facts['why']
        return NOBODY, say('no rest')
    return next(faults(name, way, list(zip(now, before))))


def faults(name, way, pairs):
    """What the program itself reports, then what only a person notices, or else nothing."""
    protocol, own = name.split('-')
    say = partial(words(), 'without')
    for now, before in pairs:
        every = zip(now.who, now.ends, now.messages, before.messages)
        for who, end, message, other in every:
            text = re.sub(r"\.? (Did you|after ').*", '', message)
            if side(who) != own:
                continue
            if end.error or end.status:
                yield COMPILE if 'IndentationError' in text else RUN, text
            elif text != other:
                yield RUN, say('warns', text=text)
    names = say(way, 'it'), say(way, 'other')
    for now, before in pairs:
        for difference in differences(before, now, protocol):
            yield NOBODY, words().difference(difference, names)
    yield NOTHING, say('nothing')


# ── The table ────────────────────────────────────────────────────────────────────────


def show(*cells):
    """A row of the table; what is too long for its column goes on below."""
    lines = partial(wrap, break_on_hyphens=False)
    columns('{:>4}  {:22}  {:24}  {:24}', *map(lines, cells, WIDTHS))


def show_program(processes, program, way, every):
    """The rows of changes; returns who finds each fault, in Python and in Rust."""
    submit = partial(processes.submit, finding, program.name, way)
    tries = [[submit(*one) for one in enumerate(copies)] for _, _, copies in every]
    say = partial(words(), 'without', way)
    show(say('line'), program.python_path.name, say('Python'), say('Rust'))
    found = []
    for (number, line, _), both in zip(every, tries):
        by, texts = zip(*[one.result() for one in both])
        line = re.sub(r'(?<=\S)  # .*', '', line)
        line = re.sub('(?<=^.{21})..+', '…', line)  # cut to its column
        show(str(number), line, *texts)
        found.append(by)
    return found


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


def main(name='', chosen=''):
    way = 'as printed' if name == '--as-printed' else 'without'
    names = [name] if name and way == 'without' else PROGRAMS
    separator = ''
    with pool(3) as processes:
        for program in map(Program, names):
            print(end=separator)
            separator, count = '\n', len(program.python)
            every = list(changes(program, way))
            if chosen:
                every = [one for one in every if str(one[0]) == chosen]
            if not every:
                facts = {'program': program.name, 'number': chosen, 'count': count}
                raise UnknownPart('no such line of it', **facts)
            found = show_program(processes, program, way, every)
            if len(found) == count:
                print(fill(summary(found)))
