"""The pages that people read, held against the project.

- Each block ```sh with a block ```text right after it: the commands are run, and must print that
  text; only times and clients' ports may differ.
- Each Mermaid diagram of a pair: it is drawn from a recording.
- Each link to a file or a heading: it is there.
- The table in methods.md names the lines that call each method.
- X.zh-CN.md is X.md in Chinese: section by section the same headings, blocks of code, links and
  numbers.
"""

from __future__ import annotations

import difflib
import os
import re
import subprocess
from collections import Counter
from pathlib import Path
from typing import Iterator, List, Tuple

from stage import mask
from stage.project import PROGRAMS, TOP

PAGES = sorted(path for path in TOP.glob('**/*.md') if 'target' not in path.parts)
FENCED = re.compile(
    r'```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```', re.DOTALL
)
DRAWN = re.compile(r'```mermaid\n(?=[^`]*as (tcp|udp)-client\n)([^`]*)```')
BLOCK = re.compile(r'^```.*?^```$', re.MULTILINE | re.DOTALL)
LINK = re.compile(r'\]\(([^)\s]+)\)')


def masked(text: str) -> str:
    """Without what may differ."""
    servers = {version.port for versions in PROGRAMS.values() for version in versions}
    return mask.ports(mask.times(text, recent=False), None, servers)


def is_translation(page: Path) -> bool:
    return page.name.endswith('.zh-CN.md')


def recorded(page: Path) -> Iterator[Tuple[str, str]]:
    """The commands of a page, each with what it has recorded."""
    text = page.read_text('utf-8')
    for match in DRAWN.finditer(text):
        yield f'scripts/page.sh --diagram {match[1]}', match[2]
    for match in FENCED.finditer(text):
        yield match[1], match[2]


def run(commands: str) -> str:
    """What commands print."""
    bash = ['bash', '-eo', 'pipefail', '-c', commands]
    environment = {**os.environ, 'COLUMNS': '80'}
    done = subprocess.run(
        bash, cwd=TOP, encoding='utf-8', env=environment, stdout=subprocess.PIPE
    )
    if done.returncode:
        raise OSError(f'exit status {done.returncode}: {commands}\n{done.stdout}')
    return done.stdout


def changes(was: str, now: str) -> List[str]:
    """The lines that differ."""
    both = masked(was).splitlines(), masked(now).splitlines()
    return list(difflib.unified_diff(*both, 'recorded', 'printed', n=0, lineterm=''))


def record_anew(page: Path) -> bool:
    """Writes what the commands of a page print now, there and in its translation; returns whether
    anything has changed."""
    found = False
    for commands, was in recorded(page):
        now = run(commands)
        if changes(was, now):
            found = True
            for path in page, page.with_name(f'{page.stem}.zh-CN.md'):
                if path.exists():
                    text = path.read_text('utf-8')
                    path.write_text(text.replace(f'\n{was}```', f'\n{now}```'), 'utf-8')
    return found


# ── Links, the table of methods ──────────────────────────────────────────────────────


def without_blocks(page: Path) -> str:
    return BLOCK.sub('', page.read_text('utf-8'))


def anchors(page: Path) -> Iterator[str]:
    """The names that GitHub gives to the headings of a page."""
    for heading in re.findall(r'(?m)^#+ (.*)', without_blocks(page)):
        text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
        yield re.sub(r'[^\w\- ]', '', text).replace(' ', '-')


def broken_links(page: Path) -> Iterator[str]:
    """The links of a page that lead nowhere."""
    for link in LINK.findall(without_blocks(page)):
        if re.match(r'[a-z]+:', link):
            continue
        path, _, anchor = link.partition('#')
        target = (page.parent / path).resolve() if path else page
        if not target.exists():
            yield f'no file {link}'
        elif anchor and target.suffix == '.md' and anchor not in anchors(target):
            yield f'no heading {link}'


def wrong_methods(page: Path) -> Iterator[str]:
    """The rows of methods.md that name other lines than those that call the method."""
    row = r'(?m)^\| \[`(\w+)`\].*\| ((?:\w+-\w+ \d+(?:, )?)+) \|$'
    for method, places in re.findall(row, page.read_text('utf-8')):
        calls = [
            f'{name} {number}'
            for name, (python, _) in PROGRAMS.items()
            for number, line in enumerate(
                python.path.read_text('utf-8').splitlines(), 1
            )
            if f'.{method}(' in line
        ]
        if sorted(calls) != sorted(places.split(', ')):
            yield f'{method}: expected {", ".join(calls)}, got {places}'


# ── Translations ─────────────────────────────────────────────────────────────────────


def place(page: Path, link: str) -> str:
    """A link without its language: a heading is a number."""
    path, _, anchor = link.partition('#')
    target = page.parent / path if path else page
    places = list(anchors(target)) if anchor and target.suffix == '.md' else []
    heading = places.index(anchor) if anchor in places else anchor
    return f'{path.replace(".zh-CN", "")}{heading}'


def outline(page: Path) -> Iterator[Tuple[list, ...]]:
    """Of each section its depth, its blocks of code, its links, and the numbers in its prose."""
    blocks = re.split(f'({BLOCK.pattern})', page.read_text('utf-8'), flags=BLOCK.flags)
    text = ''.join(
        part if part[:3] == '```' else re.sub(r'(?m)^#', '\0#', part) for part in blocks
    )
    for section in text.split('\0')[1:]:
        prose = BLOCK.sub('', section)
        links = [place(page, link) for link in LINK.findall(prose)]
        plain = re.sub(r'(?m)^#.*|\]\([^)\s]+\)', '', prose)
        numbers = re.findall(r'\d+', plain)
        yield (
            [section.split()[0]],
            BLOCK.findall(section),
            sorted(links),
            sorted(numbers),
        )


def translated_wrong(page: Path) -> Iterator[str]:
    """Where a page in Chinese is no longer its original."""
    original = page.with_name(page.name.replace('.zh-CN', ''))
    headings = re.findall(r'(?m)^#+ .*', without_blocks(original))
    expected, got = list(outline(original)), list(outline(page))
    if len(expected) != len(got):
        yield f'expected {len(expected)} headings, got {len(got)}'
    for heading, ones, others in zip(headings, expected, got):
        for what, one, other in zip(
            ('depth', 'code', 'links', 'numbers'), ones, others
        ):
            if one != other:
                lacks, has = (
                    Counter(one) - Counter(other),
                    Counter(other) - Counter(one),
                )
                yield f'{what} of {heading!r}: lacks {[*lacks]}, has {[*has]}'[:800]
