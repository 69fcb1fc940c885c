#!/usr/bin/env python3
"""Joins each Python program and its Rust port on the tags in main.rs.

    side_by_side.py text [--colour] PROGRAM…   the two columns, on the screen
    side_by_side.py html RECORDS PAGE          the page, from the recorded screens

side-by-side.sh runs it; only the page needs Pygments.

A tag ends a line of Rust: `// 14` says that the Rust from here on ports line 14
of the Python file, `// 6-7` several lines, `// +` that Python has nothing like
it. A number holds up to the next tag. A `+` holds for its own statement only:
the deeper lines below it and the bracket that closes it; what follows belongs
to the number before.
"""
import ast
import re
import signal
import shutil
import sys
import time
from html import escape
from pathlib import Path
from string import Template

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']


class Untrue(Exception):
    """The sources or the records do not show what the page would say."""


# ── The join ─────────────────────────────────────────────────────────────────

class Row:
    """A row of the two columns."""

    def __init__(self, kind, number, python='', rust=()):
        self.kind = kind            # 'line', 'addition', or 'more' of a line
        self.number = number        # the Python line; for an addition, the last one
        self.python = python
        self.rust = list(rust)      # line numbers in main.rs
        self.with_line = None       # the line that has this one's Rust as well
        self.constants = []         # of common, as (name, type, value)


class Program:
    """Both sources of a program, and the rows that join them."""

    def __init__(self, name):
        self.name = name
        self.python_file = name.replace('-', '_') + '.py'
        self.python = read(TOP / name / self.python_file).splitlines()
        # Index 0 stays empty, so that the indices are line numbers.
        self.rust, self.tags = [''], [None]
        for line in read(TOP / name / 'src/main.rs').splitlines():
            code, tag = split_tag(line)
            self.rust.append(code)
            self.tags.append(tag)
        self.check_tags()
        self.rows = list(self.join())
        self.show_constants()

    def fail(self, what):
        raise Untrue(f'{self.name}: {what}')

    def python_line(self, number):
        return self.python[number - 1]

    def check_tags(self):
        """Every line of Python that is not a comment has its Rust, in order."""
        last = 0
        tagged = set()
        for at, tag in enumerate(self.tags):
            for number in tag or ():
                if number > len(self.python):
                    self.fail(f'main.rs line {at} ports line {number}, '
                              f'but {self.python_file} has {len(self.python)}')
                if number <= last:
                    self.fail(f'main.rs line {at} ports line {number} after {last}: '
                              'the tags are out of order')
                last = number
                tagged.add(number)
        for number, line in enumerate(self.python, 1):
            if number not in tagged and not line.startswith('#'):
                self.fail(f'{self.python_file} line {number} has no Rust: {line.strip()}')

    def places(self):
        """The lines of main.rs as (tag, head?, lines): tag () is an addition,
        None what stands above the first tag; only a head carries its tag."""
        number = ()             # the tag that holds again after an addition
        addition = None         # the indent of the addition we are in
        ended = False           # whether the line before closed it
        place = (None, True, [])
        for at in range(1, len(self.rust)):
            line, tag = self.rust[at], self.tags[at]
            closes = indent(line) == addition and line.lstrip()[:1] in list(')]}')
            if tag is not None:
                yield place
                place = (tag, True, [])
                number = tag or number
                addition = None if tag else indent(line)
            elif addition is not None and line and (
                    ended or indent(line) <= addition and not closes):
                yield place
                place = (number, False, [])
                addition = None
            place[2].append(at)
            ended = tag is None and closes and line[-1] not in '([{'
        yield place

    def join(self):
        number = 0
        for tag, head, lines in self.places():
            lines = trimmed(lines, self.rust)
            if tag is None:         # the head of the file: title, fn main
                title = [at for at in lines if self.rust[at].startswith('//!')]
                rest = trimmed([at for at in lines if at not in title], self.rust)
                first = next(tag for tag in self.tags if tag)[0]
                for number in range(1, first):
                    rust = title if number == first - 1 else []
                    yield Row('line', number, self.python_line(number), rust)
                if rest:
                    yield Row('addition', number, rust=rest)
            elif not lines:
                continue
            elif not tag:
                yield Row('addition', number, rust=lines)
            elif not head:
                yield Row('more', number, rust=lines)
            else:
                for number in tag:
                    row = Row('line', number, self.python_line(number))
                    if number == tag[0]:
                        row.rust = lines
                    else:
                        row.with_line = tag[0]
                    yield row

    def show_constants(self):
        """Puts each constant of common that main.rs names where Python has it,
        or else where it is used first."""
        for constant in constants():
            name = re.compile(rf'\b{constant[0]}\b')
            rows = [row for row in self.rows if re.match(rf'{constant[0]} = ', row.python)]
            rows += [row for row in self.rows if any(
                name.search(self.rust[at]) and not self.rust[at].strip().startswith('use ')
                for at in row.rust)]
            if rows:
                rows[0].constants.append(constant)


def read(path):
    return path.read_text(encoding='utf-8')


def trimmed(lines, source):
    """Line numbers without those of empty lines at both ends."""
    full = [at for at, number in enumerate(lines) if source[number]]
    return lines[full[0]:full[-1] + 1] if full else []


def indent(line):
    return len(line) - len(line.lstrip(' '))


def split_tag(line):
    """A line of Rust without its tag, and the tag: the Python lines, () for an
    addition, None where there is none."""
    found = re.fullmatch(r'(.*)// (?:(\+)|(\d+)(?:-(\d+))?)', line)
    if not found:
        return line.rstrip(), None
    code, plus, first, last = found.groups()
    if plus:
        return code.rstrip(), ()
    tag = tuple(range(int(first), int(last or first) + 1))
    if not tag:
        raise Untrue(f'a tag counts backwards: {line.strip()}')
    return code.rstrip(), tag


def constants():
    """The constants of common as (name, type, value)."""
    return re.findall(r'^pub const (\w+): (.+?) = (.+);$',
                      read(TOP / 'common/src/lib.rs'), re.MULTILINE)


# ── On the screen ────────────────────────────────────────────────────────────

def wrap(line, width):
    """Breaks a line of code, the rest hanging a little deeper: before a comment,
    else after a space or before a method, else at another sign, else anywhere."""
    stops = [r'(?<= )(?=(?://|#) )', r'(?<=\S )(?<!// )(?=\S)|(?<=[)?])(?=\.)',
             r'(?<=[(\[{,])|(?=\.\w)|(?<=::)', '']
    hang = ' ' * min(indent(line) + 2, width // 2)
    lines, start = [], ''
    while len(start + line) > width:
        room, least = width - len(start), max(indent(line) + 1, width // 3 - len(start))
        for stop in stops:
            cut = max((found.start() for found in re.finditer(stop, line[:room + 1])), default=0)
            if least <= cut:
                break
        lines.append((start + line[:cut]).rstrip())
        start, line = hang, line[cut:].lstrip()
    return lines + [start + line]


def side_by_side(names, colour):
    """Prints the columns of these programs."""
    programs = [Program(name) for name in names]
    # A terminal's own width, or COLUMNS, or 80.
    width = min(max(shutil.get_terminal_size((80, 24)).columns, 80), 200)
    left = (width - 6) * 4 // 9  # Rust has the longer lines
    right = width - 6 - left

    def paint(code, text):
        return f'\33[{code}m{text}\33[0m' if colour and code and text.strip() else text

    for program in programs:
        if program is not programs[0]:
            print()
        print(paint('1', f'── {program.name} '.ljust(width, '─')))
        print(paint('2', f'{program.python_file:{left}}      main.rs'))
        for row in program.rows:
            number = '+' if row.kind == 'addition' else str(row.number)
            style = {'line': '1', 'addition': '32', 'more': '2'}[row.kind]
            python = wrap(row.python, left) if row.python else []
            rust = [part for at in row.rust for part in wrap(program.rust[at], right)]
            notes = [f'// with line {row.with_line}'] if row.with_line else []
            notes += [f'// in common: {name}: {kind} = {value}'
                      for name, kind, value in row.constants]
            notes = [part for note in notes for part in wrap(note, right)]
            for at in range(max(len(python), len(rust) + len(notes), 1)):
                one = python[at] if at < len(python) else ''
                two = (rust + notes)[at] if at < len(rust + notes) else ''
                two = paint('2' if at >= len(rust) else
                            '32' if row.kind == 'addition' else '', two)
                middle = paint(style, f'{number if at == 0 else "":>3}')
                print(f'{one:{left}} {middle}  {two}'.rstrip())


# ── The sequence diagram ─────────────────────────────────────────────────────

# What happens, from top to bottom: the client's call, the packet, the server's
# call. A call with … waits, up to the . below it. Between [ and ] stands what
# is repeated.
CONVERSATIONS = {
    'tcp': [
        ('socket', '', 'socket'),
        ('', '', 'bind'),
        ('', '', 'listen'),
        ('', '', 'accept…'),
        ('connect…', '→ SYN', ''),
        ('.', '← SYN, ACK', ''),
        ('', '→ ACK', '.'),
        '[ for every line',
        ('input', '', 'recv…'),
        ('send', '→ hello', '.'),
        ('recv…', '', ''),
        ('.', '← [time] hello', 'send'),
        ']',
        ('input', 'an empty line', 'recv…'),
        ('close', '→ FIN', '.'),
        ('', '← FIN', 'close'),
    ],
    'udp': [
        ('socket', '', 'socket'),
        ('', '', 'bind'),
        '[ for every line',
        ('input', '', 'recvfrom…'),
        ('sendto', '→ hello', '.'),
        ('recvfrom…', '', ''),
        ('.', '← [time] hello', 'sendto'),
        ']',
        ('input', 'an empty line', 'recvfrom…'),
        ('close', 'nothing is sent', ''),
    ],
}
CLIENT, SERVER, STEP = 118, 298, 38     # the two life lines; from row to row
MIDDLE = (CLIENT + SERVER) // 2


def calls(program):
    """Where a Python file calls what first: {'bind': 10, …}."""
    found = {}
    for node in ast.walk(ast.parse('\n'.join(program.python))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
            found[name] = min(node.lineno, found.get(name, node.lineno))
    return found


def diagram(own, programs):
    """The diagram of a pair as SVG, for the page of one of the two."""
    protocol = own.name[:3]
    sides = {'client': CLIENT, 'server': SERVER}
    lines = {side: calls(programs[f'{protocol}-{side}']) for side in sides}
    back, front = [], []
    waits, frame = {}, None
    y = 62

    def call(side, name):
        number = lines[side].get(name)
        if number is None:
            raise Untrue(f'{protocol}-{side}: the diagram has {name}, the Python file has not')
        x, anchor = (CLIENT - 12, 'end') if side == 'client' else (SERVER + 12, 'start')
        words = [name, f'<tspan class="at">{number}</tspan>']
        mark = ' class="own"' if own.name.endswith(side) else ''
        front.append(f'<a href="#{protocol}-{side}-{number}"{mark}><text x="{x}" y="{y + 5}" '
                     f'text-anchor="{anchor}">{" ".join(words)}</text></a>'
                     f'<circle cx="{sides[side]}" cy="{y}" r="4.5"/>')

    for row in CONVERSATIONS[protocol]:
        if row == ']':
            back.append(f'<rect class="frame" x="1" y="{frame}" width="{2 * MIDDLE - 2}" '
                        f'height="{y - frame - 8}" rx="8"/>')
            y += 20
            continue
        if row[0] == '[':
            frame = y - 10
            front.append(f'<text class="aside" x="{MIDDLE}" y="{y + 10}" '
                         f'text-anchor="middle">{row[2:]}</text>')
            y += 34
            continue
        packet = row[1]
        for side, event in (('client', row[0]), ('server', row[2])):
            if event == '.':
                back.append(f'<rect class="wait" x="{sides[side] - 5}" y="{waits[side]}" '
                            f'width="10" height="{y - waits.pop(side)}"/>')
            elif event:
                call(side, event.rstrip('…'))
                if event.endswith('…'):
                    waits[side] = y
        if packet[:1] in '→←' and packet:
            start, end = CLIENT + 8, SERVER - 8
            head = end if packet[0] == '→' else start
            tail = head - 10 if packet[0] == '→' else head + 10
            front.append(f'<path class="packet" d="M{start} {y}H{end}"/>'
                         f'<path class="head" d="M{head} {y}L{tail} {y - 5}V{y + 5}Z"/>'
                         f'<text class="data" x="{MIDDLE}" y="{y - 7}" '
                         f'text-anchor="middle">{escape(packet[2:])}</text>')
        elif packet:
            front.append(f'<text class="aside" x="{MIDDLE}" y="{y + 4}" '
                         f'text-anchor="middle">{packet}</text>')
        y += STEP

    bottom = y - 8
    for side, start in waits.items():   # waits on
        back.append(f'<rect class="wait" x="{sides[side] - 5}" y="{start}" '
                    f'width="10" height="{bottom - start}"/>')
    heads = ''.join(
        f'<path class="life" d="M{x} 40V{bottom}"/>'
        f'<a href="#{protocol}-{side}"><rect class="name" x="{x - 52}" y="6" width="104" '
        f'height="34" rx="8"/><text class="name" x="{x}" y="28" text-anchor="middle">{side}</text></a>'
        for side, x in sides.items())
    what = f'{protocol.upper()}: the calls of client and server, and the packets between them'
    return (f'<svg viewBox="0 0 {2 * MIDDLE} {bottom + 4}" role="group" aria-label="{what}">'
            + heads + ''.join(back + front) + '</svg>')


# ── The recorded screens ─────────────────────────────────────────────────────

def record(protocol, folder):
    """The two screens of a conversation as HTML, {'client': …, 'server': …};
    only where the conversation worked."""
    def file(name):
        return read(Path(folder) / f'{protocol}-{name}')

    def fail(what):
        raise Untrue(f'the recorded {protocol} conversation did not work: {what}')

    port = file('port').strip()
    typed = file('typed').splitlines()
    lines = [line for line in typed if line]

    # Each reply stands behind the prompt for the line that it answers.
    screen = file('client.out').split('> ')
    if screen[0] or len(screen) != len(typed) + 1 or screen[-1].strip():
        fail(f'the screen of the client is {"> ".join(screen)!r}')
    client = [f'$ {protocol}-client 127.0.0.1 {port}']
    client = [f'<span class="command">{escape(client[0])}</span>']
    for line, reply in zip(lines, screen[1:]):
        found = re.fullmatch(r'\[(.{24})\] (.*)\n', reply)
        if not found or found.group(2) != line:
            fail(f'the reply to {line!r} is {reply!r}')
        try:
            time.strptime(found.group(1), '%a %b %d %H:%M:%S %Y')
        except ValueError:
            fail(f'not a time: {found.group(1)!r}')
        client += [f'&gt; <kbd>{escape(line)}</kbd>', escape(reply.rstrip('\n'))]
    client.append('&gt; ')

    expected = {
        'tcp': [r'waiting for connecting\.\.\.', r"\.\.\.connected from: \('127\.0\.0\.1', \d+\)",
                r'waiting for connecting\.\.\.'],
        'udp': [r'waiting for message\.\.\.'] + len(lines) * [
            r"\.\.\.received from and returned to: \('127\.0\.0\.1', \d+\)",
            r'waiting for message\.\.\.'],
    }[protocol]
    screen = file('server.out').splitlines()
    if len(screen) != len(expected) or not all(map(re.fullmatch, expected, screen)):
        fail(f'the screen of the server is {screen!r}')
    if file('server.err'):
        fail(f'the server says {file("server.err")!r}')
    server = [f'<span class="command">$ {protocol}-server 127.0.0.1 {port}</span>']
    server += map(escape, screen)
    return {'client': '\n'.join(client), 'server': '\n'.join(server)}


# ── The page ─────────────────────────────────────────────────────────────────

def highlighted(lexer, lines, notes=False):
    """Highlights lines of code; returns for each its tokens as (class, text),
    without the indent, and its comment where comments are notes."""
    from pygments.token import Comment, Keyword, Literal, Name, Number, String
    colours = [(Comment.Preproc, 'f'), (Comment, 'c'), (String, 's'), (Number, 'm'),
               (Literal, 'm'), (Keyword, 'k'), (Name.Function, 'f')]
    done, tokens, comment = [], [], ''
    for token, text in lexer.get_tokens('\n'.join(lines) + '\n'):
        colour = next((colour for kind, colour in colours if token in kind), '')
        for part in re.split(r'(\n)', text):
            if part == '\n':
                while tokens and not tokens[-1][1].strip():
                    tokens.pop()
                done.append((tokens, comment))
                tokens, comment = [], ''
            elif notes and token in Comment.Single:
                comment += part
            elif part and (tokens or part.strip()):
                tokens.append((colour, part if tokens else part.lstrip()))
    if len(done) != len(lines):
        raise Untrue('Pygments returned another number of lines')
    return done


def html(tokens):
    """Tokens as HTML. A long line breaks at spaces, behind brackets and before
    a method of a result; in a small window also before other methods."""
    done, before, depth, end = '', '', 0, ''
    for colour, text in tokens:
        if text == '.' and before[-1:] in list(')?') and depth == 0:
            done += end + '<wbr><span class="call">'
            end = '</span>'
        elif text == '.':
            done += '<wbr class="small">'
        elif before[-1:] in list('([') and text[0] not in ')]':
            done += '<wbr>'
        if not colour:
            depth += sum(text.count(one) for one in '([{') - sum(text.count(one) for one in ')]}')
        part = escape(text)
        if colour == 'c':       # the sign does not stand alone at the end of a line
            part = re.sub(r'^\S+ \S+', r'<span class="whole">\g<0></span>', part)
        done += f'<i class="{colour}">{part}</i>' if colour else part
        before = text
    return done + end


def code(tokens, depth):
    """A line of code, which wraps with the rest hanging deeper. Its indent and
    first word stay together, and a small window halves the indent."""
    (colour, text), rest = (tokens or [('', '')])[0], tokens[1:]
    word, space, more = text.partition(' ')
    return (f'<code class="src" style="--in:{depth}"><span class="whole">'
            f'<span class="indent">{" " * depth}</span>{html([(colour, word)])}</span>'
            f'{html([(colour, space + more)] * bool(space) + rest)}</code>')


def prose(comment):
    """A comment as a note: without its slashes, code between backquotes."""
    text = escape(comment.lstrip('/').strip(), quote=False)
    return re.sub(r'`([^`]+)`', r'<code>\1</code>', text)


def rows_html(program):
    from pygments.lexers import PythonLexer, RustLexer
    python = highlighted(PythonLexer(stripnl=False), program.python)
    rust = highlighted(RustLexer(stripnl=False), program.rust, notes=True)
    seen = {}
    for row in program.rows:
        left = right = ''
        depth = 4
        if row.python:
            left = code(python[row.number - 1][0], indent(row.python))
        for at in row.rust:
            tokens, comment = rust[at]
            depth = indent(program.rust[at])
            if tokens or not comment:
                right += code(tokens, depth)
            if comment:
                right += f'<p class="note" style="--in:{depth}">{prose(comment)}</p>'
        if row.with_line:
            right += (f'<p class="with" style="--in:{depth}">with '
                      f'<a href="#{program.name}-{row.with_line}">line {row.with_line}</a></p>')
        for name, kind, value in row.constants:
            depth = indent(program.rust[row.rust[0]]) if row.rust else depth
            constant, _ = highlighted(RustLexer(), [f'{name}: {kind} = {value}'])[0]
            right += (f'<p class="constant" style="--in:{depth}"><code>{html(constant)}</code> '
                      '<span>in common</span></p>')

        name, label = f'{program.name}-{row.number}', str(row.number)
        if row.kind == 'addition':
            seen[name] = seen.get(name, 0) + 1
            name, label = f'{name}-plus-{seen[name]}', '+'
        if row.kind == 'more':
            middle = f'<a href="#{name}" title="still line {label}">{label}</a>'
            opening = '<div class="row more" role="row">'
        else:
            title = ' title="only in Rust"' if label == '+' else ''
            middle = f'<a href="#{name}"{title}>{label}</a>'
            opening = f'<div class="row {row.kind}" role="row" id="{name}">'
        yield (f'{opening}<div class="python" role="cell">{left}</div>'
               f'<div class="number" role="rowheader">{middle}</div>'
               f'<div class="rust" role="cell">{right}</div></div>')


SECTION = Template('''
<section class="program" id="$name" aria-labelledby="$name-title">
<h2 id="$name-title">$title</h2>
<p class="about">$about</p>
<div class="conversation">
<figure class="diagram">$diagram
<figcaption>Each call leads to its line. A thick line waits.</figcaption></figure>
<div class="screens">
<figure class="screen"><figcaption>the client’s screen</figcaption><pre>$client</pre></figure>
<figure class="screen"><figcaption>the server’s screen</figcaption><pre>$server</pre></figure>
</div>
</div>
<div class="rows" role="table" aria-label="$name, line by line">
<div class="titles" role="row"><div role="columnheader">$python_file</div>\
<div role="columnheader" class="number">line</div><div role="columnheader">main.rs</div></div>
$rows
</div>
</section>''')


def page(records, path):
    """Writes the page."""
    programs = {name: Program(name) for name in PROGRAMS}
    screens = {protocol: record(protocol, records) for protocol in ('tcp', 'udp')}
    sections = ''
    for name, program in programs.items():
        title, _, about = program.python[1].lstrip('# ').partition(': ')
        sections += SECTION.substitute(
            name=name, title=escape(title), about=escape(about[:1].upper() + about[1:] + '.'),
            python_file=program.python_file, diagram=diagram(program, programs),
            rows='\n'.join(rows_html(program)), **screens[name[:3]])
    links = ''.join(f'<a href="#{name}">{name}</a>' for name in programs)
    text = read(TOP / 'scripts/side-by-side.html')
    for mark, html in (('<!-- links -->', links), ('<!-- programs -->', sections)):
        if text.count(mark) != 1:
            raise Untrue(f'side-by-side.html must have {mark} once')
        text = text.replace(mark, html)
    Path(path).write_text(text, encoding='utf-8')


def main():
    try:
        if sys.argv[1:2] == ['text']:
            side_by_side([name for name in sys.argv[2:] if name != '--colour'],
                         '--colour' in sys.argv)
        elif sys.argv[1:2] == ['html'] and len(sys.argv) == 4:
            page(*sys.argv[2:])
        else:
            sys.exit(__doc__)
    except Untrue as wrong:
        sys.exit(f'side-by-side.sh: {wrong}')
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `| head`
    main()
