#!/usr/bin/env python3
"""Checks the pages that people read against the project: recordings.py [--write]

- Each block ```sh with a block ```text right after it: the commands are run, and must print that
  text; only times and clients' ports may differ. With --write the text is recorded anew.
- Each Mermaid diagram of a pair: it is drawn from a recording.
- Each link to a file or a heading: it is there.
- The table in methods.md names the lines that call each method.
- X.zh-CN.md is X.md in Chinese: section by section the same headings, blocks of code, links and
  numbers.
"""
import difflib
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / 'scripts/lib'))
import mask  # noqa: E402

PAGES = [path for path in sorted(TOP.glob('**/*.md')) if 'target' not in path.parts]
FENCED = re.compile(r'```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```', re.DOTALL)
DRAWN = re.compile(r'```mermaid\n(?=[^`]*as (tcp|udp)-client\n)([^`]*)```')
BLOCK = re.compile(r'^```.*?^```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)\s]+)\)')
LEAST = {'README.md': 2, 'scripts/README.md': 15, 'scripts/scenarios/README.md': 1}


def masked(text):
    return mask.ports(mask.times(text, recent=False))


def test_masked():
    """What may differ, and what may not."""
    for one, other, alike in [
            ('x × 997', 'x × 996', False),
            ('connect 127.0.0.1:40123: no', 'connect 127.0.0.2:40123: no', False),
            ("from: ('127.0.0.1', 54962)", "from: ('127.0.0.1', 44962)", True),
            ("from: ('127.0.0.1', 54962) 1", "from: ('127.0.0.1', 44962) 2", False),
            ("addr = ('127.0.0.1', 21567)", "addr = ('127.0.0.1', 44962)", False),
            ('[Sun Nov  1 09:05:03 2026] hi', '[Mon Nov 23 19:05:04 2026] hi', True)]:
        if (masked(one) == masked(other)) != alike:
            sys.exit(f'recordings.py: {one!r} and {other!r} must {"" if alike else "not "}be alike')


def run(commands):
    """What commands print, and whether they succeed."""
    print(commands.strip(), flush=True)
    done = subprocess.run(['bash', '-eo', 'pipefail', '-c', commands], cwd=TOP, encoding='utf-8',
                          env=dict(os.environ, COLUMNS='80'), stdout=subprocess.PIPE, check=False)
    return done.stdout, done.returncode == 0


def check_recordings(page, write):
    """Runs what a page has recorded; yields what is wrong."""
    failed = []

    def rerun(head, commands, recorded):
        output, fine = run(commands)
        alike = masked(output) == masked(recorded)
        if not fine or not (alike or write):
            failed.append(f'{"not as recorded" if fine else "fails"}: {commands.strip()}')
            print(*difflib.unified_diff(masked(recorded).splitlines(), masked(output).splitlines(),
                                        'recorded', 'printed', n=0, lineterm=''), sep='\n')
        return f'{head}{recorded if alike else output}```'

    def draw(match):
        return rerun('```mermaid\n', f'scripts/play.sh --json hello {match[1]} | '
                     'python3 scripts/page/diagram.py\n', match[2])

    def record(match):
        return rerun(f'```sh\n{match[1]}```\n\n```text\n', match[1], match[2])
    text, _ = DRAWN.subn(draw, page.read_text(encoding='utf-8'))
    text, found = FENCED.subn(record, text)
    if found < LEAST.get(str(page.relative_to(TOP)), 0):
        failed.append(f'{found} recordings only')
    if write and not failed:
        page.write_text(text, encoding='utf-8')
    return failed


def check_methods(page):
    """The rows of methods.md that name other lines than those that call the method."""
    rows = re.findall(r'(?m)^\| \[`(\w+)`\].*\| ((?:\w+-\w+ \d+(?:, )?)+) \|$',
                      page.read_text(encoding='utf-8'))
    for method, places in rows:
        calls = [f'{path.parent.name} {number}' for path in TOP.glob('*-*/*.py')
                 for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
                 if f'.{method}(' in line]
        if sorted(calls) != sorted(places.split(', ')):
            yield f'{method}: expected {", ".join(calls)}, got {places}'


def anchors(page):
    """The names that GitHub gives to the headings of a page."""
    for heading in re.findall(r'(?m)^#+ (.*)', BLOCK.sub('', page.read_text(encoding='utf-8'))):
        text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
        yield re.sub(r'[^\w\- ]', '', text).replace(' ', '-')


def check_links(page):
    """The links of a page that lead nowhere."""
    for link in LINK.findall(BLOCK.sub('', page.read_text(encoding='utf-8'))):
        if re.match(r'[a-z]+:', link):
            continue
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f'no file {link}'
        elif anchor and target.suffix == '.md' and anchor not in anchors(target):
            yield f'no heading {link}'


def place(page, link):
    """A link without its language: a heading is a number."""
    path, _, anchor = link.partition('#')
    target = page.parent / path if path else page
    places = list(anchors(target)) if anchor and target.suffix == '.md' else []
    return path.replace('.zh-CN', '') + str(places.index(anchor) if anchor in places else anchor)


def outline(page):
    """Of each section its depth, its blocks of code, its links, and the numbers in its prose."""
    blocks = re.split(f'({BLOCK.pattern})', page.read_text(encoding='utf-8'), flags=BLOCK.flags)
    text = ''.join(part if part[:3] == '```' else re.sub(r'(?m)^#', '\0#', part) for part in blocks)
    for section in text.split('\0')[1:]:
        prose = BLOCK.sub('', section)
        targets = [place(page, link) for link in LINK.findall(prose)]
        numbers = re.findall(r'\d+', re.sub(r'(?m)^#.*|\]\([^)\s]+\)', '', prose))
        yield (section.split()[0], BLOCK.findall(section), sorted(targets),
               sorted(numbers))


def check_translation(page):
    """Where a page in Chinese is no longer its original."""
    original = page.with_name(page.name.replace('.zh-CN', ''))
    headings = re.findall(r'(?m)^#+ .*', BLOCK.sub('', original.read_text(encoding='utf-8')))
    expected, got = list(outline(original)), list(outline(page))
    if len(expected) != len(got):
        yield f'expected {len(expected)} headings, got {len(got)}'
    for heading, *sections in zip(headings, expected, got):
        for what, one, other in zip(('depth', 'code', 'links', 'numbers'), *sections):
            if one != other:
                lacks, has = Counter(one) - Counter(other), Counter(other) - Counter(one)
                yield f'{what} of {heading!r}: lacks {[*lacks]}'[:400] + f', has {[*has]}'[:400]


def check(page, write):
    yield from check_links(page)
    yield from check_recordings(page, write) if '.zh-CN' not in page.name else []
    yield from check_methods(page) if page.name == 'methods.md' else []
    yield from check_translation(page) if '.zh-CN' in page.name else []


def main():
    write = sys.argv[1:] == ['--write']
    test_masked()
    wrong = [f'{page.relative_to(TOP)}: {what}' for page in PAGES for what in check(page, write)]
    if wrong:
        sys.exit('\n'.join(wrong))


main()
