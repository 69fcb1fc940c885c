"""What without.sh does: takes lines out of the programs and says what happens then."""
import itertools
import json
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from compare import differences, results
from join import PROGRAMS, Program, indent
from play import Play
from programs import command, python_command, run
from scenario import Scenario

WORKERS = 3
WIDTHS = 4, 22, 24, 24  # of the columns
SCENARIOS = [Scenario('two clients', '''server starts
client starts
client types hello
client leaves
client 2 starts
client 2 types hello
client 2 leaves
2 seconds pass'''), Scenario('the server goes', '''server starts
client starts
client types hello
server is killed
client types hello?
2 seconds pass''')]

# The lines as they were printed, and the same mistake in Rust: the text there, and its replacement.
REPLY = '[b"[", ctime().as_bytes(), b"] ", &data].concat()', 'format!("[{}] {:?}", ctime(), data)'
PRINTED = {
    ('tcp-server', 20): ("tcp_cli_sock.send('[%s] %s' % (bytes(ctime(), 'utf-8'), data))", REPLY),
    ('tcp-client', 14): ('tcp_cli_sock.send(data)',
                         ('send(&data)', 'send(&String::from_utf8_lossy(&data))')),
    ('udp-server', 14): ("udp_ser_sock.sendto('[%s] %s' % (ctime(), data), addr)", REPLY),
    ('udp-client', 13): ('udp_cli_sock.sendto(data, ADDR)',
                         ('send_to(&data,', 'send_to(&String::from_utf8_lossy(&data),')),
    ('udp-client', 17): ('print(data)',
                         ('print(String::from_utf8_lossy(&data))', 'print(data)'))}

WITHOUT = 'without it, Python', 'without it, Rust'
AS_PRINTED = 'as printed, Python 3', 'the same mistake, Rust'
# Who finds it: there is no fault, or nobody does; at run time; at compile time.
NOTHING, NOBODY, RUN, COMPILE = range(4)


# ── The lines of a copy ──────────────────────────────────────────────────────

def python_without(lines, number):
    """The lines, with blank ones in place of this one and its block."""
    end = number
    while end < len(lines) and indent(lines[end]) > indent(lines[number - 1]):
        end += 1
    return lines[:number - 1] + [''] * (end - number + 1) + lines[end:]


def rust_without(program, number):
    """The same for what is tagged with a number, except a closing brace whose block remains."""
    left, depth = program.rust[1:], 0
    for at, (line, tag) in enumerate(zip(left, program.held[1:])):
        deeper = depth + line.count('{') - line.count('}')
        if deeper >= 0 and (depth or tag == number):
            left[at], depth = '', deeper
    return left


def copies(program, number, as_printed):
    """The lines of both copies: Python, Rust."""
    if not as_printed:
        return python_without(program.python, number), rust_without(program, number)
    line, (text, mistake) = PRINTED[program.name, number]
    line = ' ' * indent(program.python[number - 1]) + line
    return ([*program.python[:number - 1], line, *program.python[number:]],
            [one.replace(text, mistake) if tag == number else one
             for one, tag in zip(program.rust[1:], program.held[1:])])


# ── One try ──────────────────────────────────────────────────────────────────

def compile_error(program, source, libraries):
    """The first error of Rust's compiler, with the line of Python that it is about."""
    text = source.read_text('utf-8')
    source.write_text(text.replace('Some(REPLY_TIMEOUT)', 'Some(REPLY_TIMEOUT / 5)'), 'utf-8')
    rustc = subprocess.run(
        ['rustc', '--edition', '2024', '--crate-name', program.name.replace('-', '_'),
         '--extern', f"common={libraries['common']}", '--extern', f"socket2={libraries['socket2']}",
         '-L', str(Path(libraries['socket2']).parent), '--cap-lints', 'allow',
         '--error-format', 'json', '-o', str(source.with_name(program.name)), str(source)],
        stderr=subprocess.PIPE, check=False)
    for message in map(json.loads, rustc.stderr.splitlines()):
        if message['level'] == 'error':
            at = [span['line_start'] for span in message['spans'] if span['is_primary']]
            tag = program.held[at[0]] if at else '+'
            where = f'line {tag}: ' if tag != '+' else ''
            return f"{where}{(message['code'] or {'code': 'error'})['code']}: {message['message']}"
    return None


def converse(program, argv, scenario):
    """Lets a copy talk to the Python program on the other side."""
    protocol, own = program.name.split('-')

    def argv_of(action, port):
        side = action.name.split()[0]
        return argv(port) if side == own else command('python', f'{protocol}-{side}', port)
    *actions, pause = scenario.actions
    with Play(scenario, protocol, argv_of) as play:
        play.play(actions)
        if not play.all[-1].has_exited:
            play.play([pause])      # for Rust's client, which waits one second for a reply
        return results(play)


def try_out(program, language, lines, libraries):
    """Rust's first error, or what each scenario came to."""
    def argv(port):
        address = ['127.0.0.1', port] if port else []
        return python_command(copy, address) if language == 'python' else [binary, *address]
    with tempfile.TemporaryDirectory() as folder:
        path = program.rust_path if language == 'rust' else program.python_path
        copy, binary = Path(folder, path.name), Path(folder, program.name)
        if language == 'rust':
            shutil.copytree(path.parent, folder, dirs_exist_ok=True)    # its other modules
        copy.write_text('\n'.join(lines) + '\n', 'utf-8')
        error = language == 'rust' and compile_error(program, copy, libraries)
        return error or [converse(program, argv, one)
                         for one in SCENARIOS[:2 if program.name == 'tcp-client' else 1]]


# ── What is said of it ───────────────────────────────────────────────────────

def own_fault(own, now, usual):
    """What the program itself reports: an error, or a warning."""
    for name, [end] in now['facts']['ends'].items():
        text = re.sub(r"\.? (Did you|after ').*", '', now['messages'][name])
        if name.split()[0] == own and end.startswith('exits with'):
            yield (COMPILE if 'IndentationError' in text else RUN), text
        elif name.split()[0] == own and text != usual['messages'][name]:
            yield RUN, f'warns: {text}'


def verdict(own, now, usual, names):
    """Who finds the fault, and a text."""
    both = list(zip(now, usual))
    faults = [fault for one, other in both for fault in own_fault(own, one, other)]
    found = [(NOBODY, text) for one, other in both
             for text in differences(other, one, names)]
    return [*faults, *found, (NOTHING, 'nothing changes')][0]


def usual(name, language, lines, libraries):
    """What the whole program does."""
    result = try_out(Program(name), language, lines, libraries)
    if isinstance(result, str) or result[0]['facts']['ends']['client'] != ['exits']:
        raise OSError(f'{name} does not run as it is: {result}')
    return result


def without(name, language, lines, whole, usually, as_printed, libraries):
    """The result of a changed program: who finds the fault, and a text."""
    if lines == whole:
        return NOTHING, 'no Rust of its own'
    text = ''.join(lines)
    if not os.environ['NETWORK'] and '.listen(' in text and '.bind(' not in text:
        return NOTHING, 'not tried: it would listen on every interface'
    try:
        result = try_out(Program(name), language, lines, libraries)
    except TimeoutError:
        return NOBODY, 'never comes to rest'
    if isinstance(result, str):
        return COMPILE, result
    names = ('corrected', 'as printed') if as_printed else ('usually', 'without it')
    return verdict(name.split('-')[1], result, usually, names)


# ── The table ────────────────────────────────────────────────────────────────

def show(*cells):
    """A row of the table; what is too long for its column goes on below."""
    columns = [textwrap.wrap(cell, width, break_on_hyphens=False)
               for cell, width in zip(cells, WIDTHS)]
    for parts in itertools.zip_longest(*columns, fillvalue=''):
        padded = [f'{part:{width}}' for part, width in zip(parts, WIDTHS)]
        print('  '.join([parts[0].rjust(WIDTHS[0]), *padded[1:]]).rstrip(), flush=True)


def show_program(pool, name, numbers, as_printed, libraries):
    """The rows of a program; returns who finds each fault, in Python and in Rust."""
    program, languages, found = Program(name), ('python', 'rust'), []
    wholes = program.python, program.rust[1:]
    usually = list(pool.map(partial(usual, name, libraries=libraries), languages, wholes))
    tries = [pool.map(partial(without, name, as_printed=as_printed, libraries=libraries),
                      languages, copies(program, number, as_printed), wholes, usually)
             for number in numbers]
    show('line', program.python_path.name, *(AS_PRINTED if as_printed else WITHOUT))
    for number, both in zip(numbers, tries):
        finders, texts = zip(*both)
        show(str(number), shown_code(program, number, as_printed), *texts)
        found.append(list(finders))
    return found


def shown_code(program, number, as_printed):
    """A line of Python without its comment, cut to its column."""
    code = PRINTED[program.name, number][0] if as_printed else program.python[number - 1]
    code = re.sub(r'(?<=\S)  # .*', '', code)
    return code if len(code) <= WIDTHS[1] else code[:WIDTHS[1] - 1] + '…'


def summary(found):
    """How many faults are found when, and by whom."""
    faults = [pair for pair in found if pair != [NOTHING, NOTHING]]
    times = {when: [sum(pair[at] == when for pair in faults) for at in (0, 1)]
             for when in (COMPILE, RUN)}
    nobody = sum(max(pair) == NOBODY for pair in faults)
    return (f'{len(faults)} faults: at compile time Rust finds {times[COMPILE][1]}, Python '
            f'{times[COMPILE][0]}; at run time Python finds {times[RUN][0]}, Rust '
            f'{times[RUN][1]}; nobody finds {nobody}.')


def main(*arguments):
    as_printed = arguments == ('--as-printed',)
    names = PROGRAMS if as_printed or not arguments else arguments[:1]
    messages = map(json.loads, os.environ['LIBRARIES'].splitlines())
    libraries = {message['target']['name']: message['filenames'][0] for message in messages
                 if message['reason'] == 'compiler-artifact'}
    with ProcessPoolExecutor(WORKERS) as pool:
        for at, name in enumerate(names):
            print('\n' * bool(at), end='')
            numbers = numbers_of(name, as_printed, arguments[1:])
            found = show_program(pool, name, numbers, as_printed, libraries)
            if len(numbers) == len(Program(name).python):
                print('\n'.join(textwrap.wrap(summary(found), 80)))


def numbers_of(name, as_printed, chosen):
    if as_printed:
        return [number for one, number in PRINTED if one == name]
    return [int(number) for number in chosen] or range(1, len(Program(name).python) + 1)


if __name__ == '__main__':
    run(main)
