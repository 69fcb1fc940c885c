#!/usr/bin/env python3
"""Holds the pages that people read against the project: recordings.py [--write]

- Each block ```sh with a block ```text right after it, in README.md and
  scripts/README.md: the commands are run, and must print that text. Only what
  masked() names may differ. --write records it anew.
- Each Mermaid diagram of a pair: it is drawn from a recording of its steps.
- Each link to a file or a heading: it is there.
- README.zh-CN.md is README.md in Chinese: section by section the same headings, blocks
  of code, links and numbers.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / 'scripts/lib'))
import mask  # noqa: E402

PAGES = [path for path in sorted(TOP.glob('**/*.md')) if 'target' not in path.parts]
RECORDED = [TOP / 'README.md', TOP / 'scripts/README.md']
FENCED = re.compile(r'```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```', re.DOTALL)
DRAWN = re.compile(r'```mermaid\n(?=[^`]*as (tcp|udp)-client\n)([^`]*)```')

# What differs from run to run besides: the ports of backlog.sh, how often a kernel asked again.
VARIES = [(r'(on port )\d{5}( of 127\.0\.0\.1)', r'\1PORT\2'),
          (r'(?m)^( +[1-8] +)\d{5}( +(?:ESTABLISHED|SYN-SENT) )', r'\1PORT\2'),
          (r'(?m)(asked again: )\d$', r'\1N')]


def masked(text):
    text = mask.ports(mask.times(text, recent=False))
    for pattern, replacement in VARIES:
        text = re.sub(pattern, replacement, text)
    return text


def test_masked():
    """What may differ, and what may not."""
    for one, other, alike in [
            ('a line of 1500 bytes', 'a line of 9000 bytes', False),
            ('x × 997', 'x × 996', False),
            ('(os error 111)', '(os error 112)', False),
            ('port 65536   -   2', 'port 65535   -   2', False),
            ('took 12345 bytes', 'took 12346 bytes', False),
            ('connect 127.0.0.1:40123: no', 'connect 127.0.0.2:40123: no', False),
            ('     4  50001  ESTABLISHED  8', '     5  50001  ESTABLISHED  8', False),
            ('     4  50001  ESTABLISHED  8', '     4  50002  ESTABLISHED  9', False),
            ('     4  50001  ESTABLISHED  8', '     4  50002  ESTABLISHED  8', True),
            ('on port 34723 of 127.0.0.1', 'on port 44723 of 127.0.0.1', True),
            ("from: ('127.0.0.1', 54962)", "from: ('127.0.0.1', 44962)", True),
            ("from: ('127.0.0.1', 54962) 1", "from: ('127.0.0.1', 44962) 2", False),
            ("addr = ('127.0.0.1', 21567)", "addr = ('127.0.0.1', 44962)", False),
            ('[Sun Nov  1 09:05:03 2026] hi', '[Mon Nov 23 19:05:04 2026] hi', True),
            ('waits, asked again: 2', 'waits, asked again: 3', True)]:
        if (masked(one) == masked(other)) != alike:
            sys.exit(f'recordings.py: {one!r} and {other!r} must '
                     f'{"" if alike else "not "}count as alike')


def recordings(page, write):
    """Runs what a page has recorded; returns what is wrong."""
    text = page.read_text(encoding='utf-8')
    failed = []

    def rerun(match, kind='text', shown=''):
        commands, recorded = match.groups()
        if kind == 'mermaid':
            commands = f'scripts/steps.sh --json {commands} | python3 scripts/lib/page/diagram.py\n'
        else:
            shown = f'```sh\n{commands}```\n\n'
        print(f'{page.relative_to(TOP)}:', commands.strip(), flush=True)
        run = subprocess.run(['bash', '-eo', 'pipefail', '-c', commands], cwd=TOP,
                             text=True, encoding='utf-8',
                             env=dict(os.environ, COLUMNS='80'), stdout=subprocess.PIPE,
                             check=False)
        alike = masked(run.stdout) == masked(recorded)
        if run.returncode != 0 or not (alike or write):
            failed.append(f'not as recorded: {commands.strip()}')
            print(f'it exited {run.returncode} and printed:\n{run.stdout}')
        return f'{shown}```{kind}\n{recorded if alike else run.stdout}```'
    text, drawn = DRAWN.subn(lambda match: rerun(match, 'mermaid'), text)
    if page == RECORDED[0] and drawn != 2:
        failed.append(f'{drawn} diagrams, not two')
    text, found = FENCED.subn(rerun, text)
    if page == RECORDED[1] and found < 9:
        failed.append(f'{found} recordings only')
    if write and not failed:
        page.write_text(text, encoding='utf-8')
    return failed


def table():
    """The rows of methods.md that name other lines than those that call the method."""
    text = (TOP / 'common/methods.md').read_text(encoding='utf-8')
    rows = re.findall(r'(?m)^\| \[`(\w+)`\].*\| ((?:\w+-\w+ \d+(?:, )?)+) \|$', text)
    for method, places in rows:
        calls = [f'{path.parent.name} {number}' for path in TOP.glob('*-*/*.py')
                 for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1)
                 if f'.{method}(' in line]
        if sorted(calls) != sorted(places.split(', ')):
            yield f'{method}: expected {", ".join(calls)}, got {places}'


def prose(page):
    """A page without its blocks of code."""
    return re.sub(r'(?ms)^```.*?^```$', '', page.read_text(encoding='utf-8'))


def anchors(page):
    """The names that GitHub gives to the headings of a page."""
    for heading in re.findall(r'(?m)^#+ (.*)', prose(page)):
        words = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
        yield re.sub(r'[^\w\- ]', '', words).replace(' ', '-')


def links(page):
    """The links of a page that lead nowhere."""
    for link in re.findall(r'\]\(([^)\s]+)\)', prose(page)):
        if re.match(r'[a-z]+:', link):
            continue
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f'no file {link}'
        elif anchor and (target.suffix != '.md' or anchor not in anchors(target)):
            yield f'no heading {link}'


def outline(page):
    """Of each section of a page its depth, its blocks of code, its links (those within the
    page by the place of their heading), and the numbers in its prose."""
    places = list(anchors(page))
    blocks = re.split(r'(?ms)(^```.*?^```$)', page.read_text(encoding='utf-8'))
    text = ''.join(re.sub(r'(?m)^#', '\0#', part) if part[:3] != '```' else part for part in blocks)
    for section in text.split('\0')[1:]:
        code = re.findall(r'(?ms)^```.*?^```$', section)
        words = re.sub(r'(?ms)^```.*?^```$', '', section)
        targets = [places.index(link[1:]) if link[0] == '#' else link
                   for link in re.findall(r'\]\(([^)\s]+)\)', words)]
        numbers = re.findall(r'\d+', re.sub(r'(?m)^#.*|\]\([^)\s]+\)', '', words))
        yield section.split()[0], code, sorted(map(str, targets)), sorted(numbers)


def translation(one, other):
    """Where a page in Chinese is no longer its original."""
    swapped = {'README.md': other.name, other.name: one.name}    # each links to the other
    headings = re.findall(r'(?m)^#+ .*', prose(one))
    pages = [list(outline(page)) for page in (one, other)]
    if len(pages[0]) != len(pages[1]):
        yield f'{len(pages[1])} headings, {one.name} has {len(pages[0])}'
    for heading, ours, theirs in zip(headings, *pages):
        theirs = (*theirs[:2], sorted(swapped.get(link, link) for link in theirs[2]), theirs[3])
        for what, left, right in zip(('depth', 'code', 'links', 'numbers'), ours, theirs):
            if left != right:
                yield f'{what} of the section {heading!r}: {right}, {one.name} has {left}'


def main():
    write = sys.argv[1:] == ['--write']
    test_masked()
    wrong = []
    for page in PAGES:
        found = [*links(page), *(recordings(page, write) if page in RECORDED else [])]
        if page.name == 'README.zh-CN.md':
            found += translation(TOP / 'README.md', page)
        if page.name == 'methods.md':
            found += table()
        wrong += [f'{page.relative_to(TOP)}: {what}' for what in found]
    if wrong:
        sys.exit('\n'.join(wrong))


main()
