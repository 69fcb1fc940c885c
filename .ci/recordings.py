#!/usr/bin/env python3
"""Holds the pages that people read against the project: recordings.py [--write]

- Each block ```sh with a block ```text right after it, in README.md and
  scripts/README.md: the commands are run, and must print that text. Only what
  masked() names may differ. --write records it anew.
- Each line number in a Mermaid diagram: the program calls that there.
- Each link to a file or a heading: it is there.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / 'scripts/lib'))
import mask  # noqa: E402

PAGES = [path for path in sorted(TOP.glob('**/*.md'))
         if path.name in ('README.md', 'CONTRIBUTING.md') and 'target' not in path.parts]
RECORDED = [TOP / 'README.md', TOP / 'scripts/README.md']
FENCED = re.compile(r'```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```', re.DOTALL)

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

    def rerun(match):
        commands, recorded = match.groups()
        print(f'{page.relative_to(TOP)}:', commands.strip(), flush=True)
        run = subprocess.run(['bash', '-eo', 'pipefail', '-c', commands], cwd=TOP,
                             text=True, encoding='utf-8',
                             env=dict(os.environ, COLUMNS='80'), stdout=subprocess.PIPE,
                             check=False)
        alike = masked(run.stdout) == masked(recorded)
        if run.returncode != 0 or not (alike or write):
            failed.append(f'not as recorded: {commands.strip()}')
            print(f'it exited {run.returncode} and printed:\n{run.stdout}')
        return f'```sh\n{commands}```\n\n```text\n{recorded if alike else run.stdout}```'
    text, found = FENCED.subn(rerun, text)
    if page == RECORDED[1] and found < 9:
        failed.append(f'{found} recordings only')
    if write and not failed:
        page.write_text(text, encoding='utf-8')
    return failed


def calls(program):
    """What a Python program calls: {(name, line)}."""
    path = TOP / program / f"{program.replace('-', '_')}.py"
    lines = path.read_text(encoding='utf-8').splitlines()
    return {(name, number) for number, line in enumerate(lines, 1)
            for name in re.findall(r'\b(\w+)\(', line.split('  #')[0])}


def diagrams(text):
    """What is wrong in the Mermaid diagrams."""
    for diagram in re.findall(r'```mermaid\n(.*?)```', text, re.DOTALL):
        who = dict(re.findall(r'participant (\w+) as ([\w-]+)', diagram))
        seen = []
        for line in diagram.splitlines():
            label = re.match(r' *Note over (\w+): (.*)', line)
            arrow = re.match(r' *(\w+)-\)?>*\)?(\w+): (.*)', line)
            if label:
                named = [(label[1], *pair) for pair in re.findall(r'(\w+) (\d+)', label[2])]
            elif arrow:
                pairs = re.findall(r'(\w+) (\d+)', arrow[3])
                named = [(side, *pair) for side, pair in zip((arrow[1], arrow[2]), pairs)]
            else:
                continue
            for side, name, number in named:
                seen.append(name)
                if (name, int(number)) not in calls(who[side]):
                    yield f'{who[side]} does not call {name} on line {number}'
        if len(seen) < 8:
            yield f'a diagram names only {seen}'


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


def main():
    write = sys.argv[1:] == ['--write']
    test_masked()
    wrong, drawn = [], 0
    for page in PAGES:
        text = page.read_text(encoding='utf-8')
        drawn += text.count('```mermaid')
        found = [*diagrams(text), *links(page)]
        if page in RECORDED:
            found += recordings(page, write)
        wrong += [f'{page.relative_to(TOP)}: {what}' for what in found]
    if drawn != 2:
        wrong.append(f'{drawn} diagrams, not two')
    if wrong:
        sys.exit('\n'.join(wrong))


main()
