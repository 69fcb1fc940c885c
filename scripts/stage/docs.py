"""The pages that people read, held against the project.

- Each block ```sh with a block ```text right after it: the commands are run, and must print that
  text; only times and clients' ports may differ.
- Each link to a file or a heading: it is there.
- The table in methods.md names the lines that call each method.
- X.zh-CN.md and zh-CN/X.md are X.md in Chinese: section by section the same headings, blocks of
  code, links and numbers. A line of a block may be Chinese instead. What stands only in Chinese
  has a heading of its own, which begins with ONLY.
"""

import difflib
import os
import re
import subprocess
from collections import Counter
from itertools import zip_longest
from pathlib import Path

from stage import mask
from stage.project import PROGRAMS, TOP

PAGES = sorted(path for path in TOP.glob('**/*.md') if 'target' not in path.parts)
FENCED = re.compile(r'(?s)```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```')
BLOCK = re.compile(r'(?ms)^```.*?^```$')
CODE = '(?m)^[\'"]```.*'  # a block in a line
LINK = re.compile(r'\]\(([^)\s]+)\)')
LANGUAGE = re.compile('(?i)[./]zh-CN(?=[./])')
ONLY = '补充：'
CHINESE = re.compile('[\u3000-\u9fff]')


def masked(text):
    """Without what may differ."""
    every = [version for versions in PROGRAMS.values() for version in versions]
    servers = {version.port: 'server' for version in every}
    return mask.ports(mask.times(text, recent=False), servers)


def original(page):
    """The page of which a page is the translation, or the page itself."""
    return Path(LANGUAGE.sub('', os.path.normpath(page)))


def is_translation(page):
    return original(page) != page


def recorded(page):
    """The commands of a page, each with what it has recorded."""
    return FENCED.findall(page.read_text('utf-8'))


def run(commands):
    """What commands print."""
    bash = ['bash', '-eo', 'pipefail', '-c', commands]
    env = {**os.environ, 'COLUMNS': '80', 'LC_ALL': 'C.UTF-8'}
    pipe = subprocess.PIPE
    done = subprocess.run(bash, cwd=TOP, encoding='utf-8', env=env, stdout=pipe)
    if done.returncode:
        raise OSError(f'exit status {done.returncode}: {commands}\n{done.stdout}')
    return done.stdout


def changes(was, now):
    """The lines that differ."""
    both = masked(was).splitlines(), masked(now).splitlines()
    return list(difflib.unified_diff(*both, 'recorded', 'printed', n=0, lineterm=''))


def record_anew(page):
    """Writes what the commands of a page print now, there and in its translation; returns whether
    anything has changed."""
    found = [(was, run(commands)) for commands, was in recorded(page)]
    found = [(was, now) for was, now in found if changes(was, now)]
    for path in [path for path in PAGES if original(path) == page]:
        text = path.read_text('utf-8') if found else ''
        for was, now in found:
            # With the fence before it: an empty block is not every end of a block.
            text = text.replace(f'```text\n{was}```', f'```text\n{now}```')
        if text:
            path.write_text(text, 'utf-8')
    return bool(found)


# ── Links, the table of methods ──────────────────────────────────────────────────────


def without_blocks(page):
    return BLOCK.sub('', page.read_text('utf-8'))


def anchors(page):
    """The names that GitHub gives to the headings of a page."""
    for heading in re.findall(r'(?m)^#+ (.*)', without_blocks(page)):
        text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', heading).lower()
        yield re.sub(r'[^\w\- ]', '', text).replace(' ', '-')


def broken_links(page):
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


def wrong_methods(page):
    """The rows of methods.md that name other lines than those that call the method."""
    row = r'(?m)^\| \[`(\w+)`\].*\| ((?:\w+-\w+ \d+(?:, )?)+) \|$'
    lines = {
        f'{name} {number}': line
        for name, (python, _) in PROGRAMS.items()
        for number, line in enumerate(python.path.read_text('utf-8').splitlines(), 1)
    }
    for method, places in re.findall(row, page.read_text('utf-8')):
        calls = [place for place, line in lines.items() if f'.{method}(' in line]
        if sorted(calls) != sorted(places.split(', ')):
            yield f'{method}: expected {", ".join(calls)}, got {places}'


# ── Translations ─────────────────────────────────────────────────────────────────────


def place(page, link):
    """A link without its language: a heading is a number."""
    path, _, anchor = link.partition('#')
    target = page.parent / path if path else page
    places = list(anchors(target)) if anchor and target.suffix == '.md' else []
    places = [one for one in places if not one.startswith(ONLY[:-1])]
    heading = places.index(anchor) if anchor in places else anchor
    return f'{os.path.relpath(original(target), TOP)}#{heading}'


def outline(page):
    """Of each section its heading, its blocks of code, and what else a translation has too: its depth,
    its links, and the numbers in its prose."""
    text = BLOCK.sub(lambda block: repr(block[0]), page.read_text('utf-8'))
    itself = place(page, page.name)  # in the other language
    for section in re.split('(?m)^(?=#)', text)[1:]:
        depth, heading = section.splitlines()[0].split(' ', 1)
        if heading.startswith(ONLY):
            continue
        prose = re.sub(CODE, '', section)
        prose = re.sub(rf'\[[^]]*\]\([^)\s]*#{ONLY[:-1]}[^)]*\)', '', prose)
        plain = re.sub(r'(?m)^#.*|\]\([^)\s]+\)', '', prose)
        links = [place(page, link) for link in LINK.findall(prose)]
        links = sorted(one for one in links if one != itself)
        facts = [depth, *links, *sorted(re.findall(r'\d+', plain))]
        yield heading, re.findall(CODE, section), facts


def line_as_original(one, other):
    """The line, or the one that it stands for, if it says the same in Chinese."""
    code, _, comment = other.partition('#')
    in_comment = CHINESE.search(comment) and code == one.partition('#')[0]
    return one if one and (CHINESE.search(code) or in_comment) else other


def as_original(block, translated):
    """A translated block; lines in Chinese count as those that they stand for."""
    lines = zip_longest(block.split('\\n'), translated.split('\\n'), fillvalue='')
    return '\\n'.join(line_as_original(*both) for both in lines)


def translated_wrong(page):
    """Where a page in Chinese is no longer its original."""
    expected, got = list(outline(original(page))), list(outline(page))
    if len(expected) != len(got):
        yield f'expected {len(expected)} headings, got {len(got)}'
    for (heading, blocks, ones), (_, translated, others) in zip(expected, got):
        if len(blocks) == len(translated):
            translated = list(map(as_original, blocks, translated))
        ones, others = [*ones, *blocks], [*others, *translated]
        lacks, has = Counter(ones) - Counter(others), Counter(others) - Counter(ones)
        if ones != others:
            yield f'{heading!r}: lacks {[*lacks]}, has {[*has]}'[:800]
