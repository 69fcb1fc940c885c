"""The join: both sources of a program, row by row, by the tags in main.rs.

A tag ends a line of Rust: `// 14` says that the Rust from here on ports line 14
of the Python file, `// +` that Python has nothing like it. A tag holds until the
next tag; where an addition stands inside a line's Rust, the number is repeated
after it. Above the first tag stands the head of the file.
"""
import re
from pathlib import Path

TOP = Path(__file__).resolve().parents[3]
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']


class Untrue(Exception):
    """The sources or the records do not show what the page would say."""


class Row:
    """A row of the two columns."""

    def __init__(self, kind, number, python='', rust=()):
        self.kind = kind            # 'line', 'addition', or 'more' of a line
        self.number = number        # the Python line; for an addition, the last one
        self.python = python
        self.rust = list(rust)      # line numbers in main.rs


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

    def fail(self, what):
        raise Untrue(f'{self.name}: {what}')

    def check_tags(self):
        """Every line of Python that is not a comment has its Rust, in order."""
        tags = [(at, tag) for at, tag in enumerate(self.tags) if tag is not None]
        last, added, tagged = 0, False, set()
        for at, tag in tags:
            if tag == '+':
                added = True
                continue
            where = f'main.rs line {at} ports line {tag}'
            if tag > len(self.python):
                self.fail(f'{where}, but {self.python_file} has {len(self.python)}')
            if tag < last or tag == last and not added:
                self.fail(f'{where} after {last}: the tags are out of order')
            last, added = tag, False
            tagged.add(tag)
        for number, line in enumerate(self.python, 1):
            if number not in tagged and not line.startswith('#'):
                self.fail(f'{self.python_file} line {number} has no Rust: {line.strip()}')

    def places(self):
        """The lines of main.rs, a list for each tag; None is that of the head. An
        empty line divides an addition, so that each function has a row."""
        place = (None, [])
        for at in range(1, len(self.rust)):
            if place[0] == '+' and self.tags[at] is None and not self.rust[at]:
                yield place
                place = ('+', [])
            elif self.tags[at] is not None:
                yield place
                place = (self.tags[at], [])
            place[1].append(at)
        yield place

    def join(self):
        number = 0
        for tag, lines in self.places():
            lines = trimmed(lines, self.rust)
            if not lines:
                continue
            if tag is None:         # the head: the title of both, then what is Rust's
                title = [at for at in lines if self.rust[at].startswith('//!')]
                first = next(tag for tag in self.tags if isinstance(tag, int))
                for number in range(1, first):
                    rust = title if number == first - 1 else []
                    yield Row('line', number, self.python[number - 1], rust)
                rest = trimmed([at for at in lines if at not in title], self.rust)
                if rest:
                    yield Row('addition', number, rust=rest)
            elif tag == '+':
                yield Row('addition', number, rust=lines)
            elif tag == number:
                yield Row('more', number, rust=lines)
            else:
                number = tag
                yield Row('line', number, self.python[number - 1], lines)


def read(path):
    return Path(path).read_text(encoding='utf-8')


def trimmed(lines, source):
    """Line numbers without those of empty lines at both ends."""
    full = [at for at, number in enumerate(lines) if source[number]]
    return lines[full[0]:full[-1] + 1] if full else []


def indent(line):
    return len(line) - len(line.lstrip(' '))


def split_tag(line):
    """A line of Rust without its tag, and the tag: a number, '+', or None."""
    found = re.fullmatch(r'(.*)// (\+|\d+)', line)
    if not found:
        return line.rstrip(), None
    code, tag = found.groups()
    return code.rstrip(), tag if tag == '+' else int(tag)
