"""What without.sh does: takes lines out of the programs and says what happens then."""

from __future__ import annotations

import itertools
import json
import multiprocessing
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import (
    Any,
    Callable,
    Dict,
    Iterator,
    List,
    Optional,
    Sequence,
    Union,
)

from stage import network
from stage.compare import (
    Result,
    differences,
    results,
)
from stage.model import (
    Action,
    End,
    Problem,
    side,
)
from stage.play import Play
from stage.project import (
    HOST,
    PROGRAMS,
    python_command,
)
from stage.scenario import Scenario
from stage.tags import (
    Program,
    UnknownPart,
    indent,
)
from stage.words import words

WORKERS = 3
RUSTC = 'rustc --edition 2024 --cap-lints allow --error-format json'
WIDTHS = 4, 22, 24, 24  # of the columns
SCENARIOS = [
    Scenario(
        'two clients',
        """server starts
client starts
client types hello
client leaves
client 2 starts
client 2 types hello
client 2 leaves
2 seconds pass""",
    ),
    Scenario(
        'the server goes',
        """server starts
client starts
client types hello
server is killed
client types hello?
2 seconds pass""",
    ),
]

# The lines as they were printed, and the same mistake in Rust: the text there, and its replacement.
REPLY = (
    '[b"[", ctime().as_bytes(), b"] ", &data].concat()',
    'format!("[{}] {:?}", ctime(), data)',
)
LOSSY = 'String::from_utf8_lossy(&data)'
PRINTED = {
    ('tcp-server', 20): (
        "tcp_cli_sock.send('[%s] %s' % (bytes(ctime(), 'utf-8'), data))",
        REPLY,
    ),
    ('tcp-client', 14): ('tcp_cli_sock.send(data)', ('send(&data)', f'send(&{LOSSY})')),
    ('udp-server', 14): (
        "udp_ser_sock.sendto('[%s] %s' % (ctime(), data), addr)",
        REPLY,
    ),
    ('udp-client', 13): (
        'udp_cli_sock.sendto(data, ADDR)',
        ('send_to(&data,', f'send_to(&{LOSSY},'),
    ),
    ('udp-client', 17): ('print(data)', (f'print({LOSSY})', 'print(data)')),
}

# Who finds it: there is no fault, or nobody does; at run time; at compile time.
NOTHING, NOBODY, RUN, COMPILE = range(4)


@dataclass(frozen=True)
class Finding:
    """What a change comes to: who finds the fault, and a key of the words with its fact."""

    by: int
    key: str
    fact: Any = ''

    def text(self, way: str) -> str:
        """`way` is how the program was changed."""
        if self.key == 'differs':
            names = [words()('without', way, one) for one in ('it', 'other')]
            return words().difference(self.fact, names)
        return words()('without', self.key, text=self.fact)


# ── The lines of a copy ──────────────────────────────────────────────────────────────


def python_without(lines: List[str], number: int) -> List[str]:
    """The lines, with blank ones in place of this one and its block."""
    end = number
    while end < len(lines) and indent(lines[end]) > indent(lines[number - 1]):
        end += 1
    return lines[: number - 1] + [''] * (end - number + 1) + lines[end:]


def rust_without(program: Program, number: int) -> List[str]:
    """The same for what is tagged with a number, except a closing brace whose block remains."""
    left, depth = program.rust[1:], 0
    for at, (line, tag) in enumerate(zip(left, program.held[1:])):
        deeper = depth + line.count('{') - line.count('}')
        if deeper >= 0 and (depth or tag == number):
            left[at], depth = '', deeper
    return left


def copies(
    program: Program,
    number: int,
    way: str,
) -> List[List[str]]:
    """The lines of both copies: Python, Rust."""
    if way == 'without':
        return [python_without(program.python, number), rust_without(program, number)]
    line, (text, mistake) = PRINTED[program.name, number]
    python, rust = program.python[:], program.rust[1:]
    python[number - 1] = ' ' * indent(python[number - 1]) + line
    for at, tag in enumerate(program.held[1:]):
        rust[at] = rust[at].replace(text, mistake) if tag == number else rust[at]
    return [python, rust]


# ── One try ──────────────────────────────────────────────────────────────────────────


def compile_error(
    program: Program,
    source: Path,
    libraries: Dict[str, str],
) -> str:
    """The first error of Rust's compiler."""
    text = source.read_text('utf-8')
    source.write_text(
        text.replace('Some(REPLY_TIMEOUT)', 'Some(REPLY_TIMEOUT / 5)'), 'utf-8'
    )
    command = RUSTC.split() + ['--crate-name', source.stem]
    for library in 'common', 'socket2':
        command += ['--extern', f'{library}={libraries[library]}']
    command += ['-L', str(Path(libraries['socket2']).parent)]
    command += ['-o', str(source.with_name(program.name)), str(source)]
    compiled = subprocess.run(command, stderr=subprocess.PIPE)
    for message in map(json.loads, compiled.stderr.splitlines()):
        if message['level'] == 'error':
            return located(message, program)
    return ''


def located(message: dict, program: Program) -> str:
    """An error with its code, and the line of Python that it is about."""
    code = message['code'] or {'code': 'error'}
    text = f'{code["code"]}: {message["message"]}'
    for span in message['spans']:
        tag = program.held[span['line_start']]
        if span['is_primary']:
            return text if tag == '+' else f'line {tag}: {text}'
    return text


def converse(
    program: Program,
    command: Callable,
    scenario: Scenario,
) -> Result:
    """Lets a copy talk to the Python program on the other side."""
    protocol, own = program.name.split('-')

    def argv(action: Action, port: Optional[int]) -> List[str]:
        if side(action.who) == own:
            return command(port)
        return PROGRAMS[f'{protocol}-{side(action.who)}'][0].command(port)

    *actions, pause = scenario.actions
    with Play(scenario, protocol, argv) as play:
        play.play(actions)
        if not play.all[-1].has_exited:
            play.play([pause])  # for Rust's client, which waits one second for a reply
        return results(play)


def try_out(
    name: str, version: int, lines: List[str], libraries: dict
) -> Union[str, List[Result]]:
    """Rust's first error, or what each scenario came to."""

    def command(port: Optional[int]) -> List[str]:
        address = [HOST, str(port)] if port else []
        if version:
            return [str(copy.with_name(name)), *address]
        return python_command(copy, address)

    program = Program(name)
    with tempfile.TemporaryDirectory() as folder:
        path = PROGRAMS[name][version].path
        copy = Path(folder, program.python_path.stem + path.suffix)
        if version:
            shutil.copytree(path.parent, folder, dirs_exist_ok=True)  # other modules
        copy.write_text('\n'.join(lines) + '\n', 'utf-8')
        error = compile_error(program, copy, libraries) if version else ''
        scenarios = SCENARIOS[: 2 if name == 'tcp-client' else 1]
        return error or [converse(program, command, one) for one in scenarios]


# ── What is said of it ───────────────────────────────────────────────────────────────


def own_faults(
    own: str,
    now: Result,
    usual: Result,
) -> Iterator[Finding]:
    """What the program itself reports: an error, or a warning."""
    for who, [end], message, before in zip(
        now.who, now.ends, now.messages, usual.messages
    ):
        text = re.sub(r"\.? (Did you|after ').*", '', message)
        if side(who) != own:
            continue
        if end.error or end.status:
            by = COMPILE if 'IndentationError' in text else RUN
            yield Finding(by, 'reports', text)
        elif text != before:
            yield Finding(RUN, 'warns', text)


def verdict(
    name: str,
    now: List[Result],
    usual: List[Result],
) -> Finding:
    """Who finds the fault, and what it is."""
    protocol, own = name.split('-')
    both = list(zip(now, usual))
    found = [fault for one, other in both for fault in own_faults(own, one, other)]
    for one, other in both:
        for difference in differences(other, one, protocol):
            found.append(Finding(NOBODY, 'differs', difference))
    return [*found, Finding(NOTHING, 'nothing')][0]


def usual(
    name: str,
    version: int,
    lines: List[str],
    libraries: dict,
) -> List[Result]:
    """What the whole program does."""
    result = try_out(name, version, lines, libraries)
    if isinstance(result, str) or [End('exits')] not in result[0].ends:
        why = result if isinstance(result, str) else ', '.join(result[0].messages)
        raise Problem('does not run', program=name, why=why)
    return result


def changed(
    name: str,
    version: int,
    lines: List[str],
    whole: List[str],
    before: List[Result],
    libraries: dict,
) -> Finding:
    """The result of a changed program."""
    if lines == whole:
        return Finding(NOTHING, 'no code', PROGRAMS[name][version].language.name)
    text = ''.join(lines)
    if not network.is_own() and '.listen(' in text and '.bind(' not in text:
        return Finding(NOTHING, 'not tried')
    try:
        result = try_out(name, version, lines, libraries)
    except Problem:
        return Finding(NOBODY, 'no rest')
    if isinstance(result, str):
        return Finding(COMPILE, 'reports', result)
    return verdict(name, result, before)


# ── The table ────────────────────────────────────────────────────────────────────────


def show(*cells: str) -> None:
    """A row of the table; what is too long for its column goes on below."""
    columns = [
        textwrap.wrap(cell, width, break_on_hyphens=False)
        for cell, width in zip(cells, WIDTHS)
    ]
    for parts in itertools.zip_longest(*columns, fillvalue=''):
        padded = [f'{part:{width}}' for part, width in zip(parts, WIDTHS)]
        print('  '.join([parts[0].rjust(WIDTHS[0]), *padded[1:]]).rstrip(), flush=True)


def show_program(
    pool: Executor, name: str, numbers: Sequence[int], way: str
) -> List[List[int]]:
    """The rows of a program; returns who finds each fault, in Python and in Rust."""
    program, versions, found = Program(name), range(2), []
    messages = map(json.loads, os.environ['LIBRARIES'].splitlines())
    libraries = {
        message['target']['name']: message['filenames'][0]
        for message in messages
        if message['reason'] == 'compiler-artifact'
    }
    wholes = program.python, program.rust[1:]
    usually = list(
        pool.map(partial(usual, name, libraries=libraries), versions, wholes)
    )
    one_try = partial(changed, name, libraries=libraries)
    tries = [
        pool.map(one_try, versions, copies(program, number, way), wholes, usually)
        for number in numbers
    ]
    say = partial(words(), 'without', way)
    show(say('line'), program.python_path.name, say('Python'), say('Rust'))
    for number, both in zip(numbers, tries):
        findings = list(both)
        texts = [finding.text(way) for finding in findings]
        show(str(number), shown_code(program, number, way), *texts)
        found.append([finding.by for finding in findings])
    return found


def shown_code(
    program: Program,
    number: int,
    way: str,
) -> str:
    """A line of Python without its comment, cut to its column."""
    code = (
        program.python[number - 1]
        if way == 'without'
        else PRINTED[program.name, number][0]
    )
    code = re.sub(r'(?<=\S)  # .*', '', code)
    return code if len(code) <= WIDTHS[1] else code[: WIDTHS[1] - 1] + '…'


def summary(found: List[List[int]]) -> str:
    """How many faults are found when, and by whom."""
    faults = [pair for pair in found if pair != [NOTHING, NOTHING]]
    counts = [[pair[version] for pair in faults].count for version in (0, 1)]
    return words()(
        'without',
        'summary',
        count=len(faults),
        compile=[count(COMPILE) for count in counts],
        run=[count(RUN) for count in counts],
        nobody=sum(max(pair) == NOBODY for pair in faults),
    )


def numbers_of(
    name: str,
    way: str,
    chosen: Sequence[str],
) -> Sequence[int]:
    """The lines that are tried."""
    if way == 'as printed':
        return [number for program, number in PRINTED if program == name]
    numbers = range(1, len(Program(name).python) + 1)
    for one in chosen:
        if one not in map(str, numbers):
            raise UnknownPart(
                'no such line of it', program=name, number=one, count=len(numbers)
            )
    return list(map(int, chosen)) or numbers


def main(
    name: str = '',
    *chosen: str,
) -> None:
    way = 'as printed' if name == '--as-printed' else 'without'
    names = [name] if name and way == 'without' else list(PROGRAMS)
    context = multiprocessing.get_context('fork')
    with ProcessPoolExecutor(WORKERS, context) as pool:
        for at, one in enumerate(names):
            numbers = numbers_of(one, way, chosen)
            print('\n' * bool(at), end='')
            found = show_program(pool, one, numbers, way)
            if len(numbers) == len(Program(one).python):
                print(textwrap.fill(summary(found), 80))
