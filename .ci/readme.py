#!/usr/bin/env python3
"""Holds the README against the project: readme.py [--write]

- Each block ```sh with a block ```text right after it: the commands are run,
  and must print that text, ports and times aside. --write records it anew.
- Each line number in a Mermaid diagram: the program calls that there.
- Each test named in a table: it exists.
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
README = TOP / 'README.md'
FENCED = re.compile(r'```sh\n((?:(?!```).)*)```\n\n```text\n((?:(?!```).)*)```', re.S)


def masked(text):
    """The text without what differs from run to run."""
    text = re.sub(r'\[\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}\]', '[TIME]', text)
    text = re.sub(r'\b[1-9]\d{3,4}\b *', 'PORT ', text)
    text = re.sub(r'asked again: \d+', 'asked again: N', text)
    # Which of the two clients that wait comes in first is up to the kernel.
    text = re.sub(r'client [89]\b', 'client N', text)
    return text


def recordings(text, write):
    """Runs what is recorded; returns the README with the new recordings."""
    failed = []

    def rerun(match):
        commands, recorded = match.groups()
        print('README:', commands.strip(), flush=True)
        run = subprocess.run(['bash', '-ec', commands], cwd=TOP, text=True,
                             stdout=subprocess.PIPE, check=False)
        if run.returncode != 0 or (masked(run.stdout) != masked(recorded) and not write):
            failed.append(commands.strip())
            print(f'it exited {run.returncode} and printed:\n{run.stdout}')
        return f'```sh\n{commands}```\n\n```text\n{run.stdout}```'
    text, found = FENCED.subn(rerun, text)
    if found != 8:
        failed.append(f'{found} recordings in place of 8')
    return text, failed


def calls(program):
    """The socket calls of a Python program: {(name, line)}."""
    path = TOP / program / f"{program.replace('-', '_')}.py"
    lines = path.read_text(encoding='utf-8').splitlines()
    return {(name, number) for number, line in enumerate(lines, 1)
            for name in re.findall(r'\b(\w+)\(', line.split('  #')[0])}


def diagrams(text):
    """What is wrong in the Mermaid diagrams."""
    wrong = []
    for diagram in re.findall(r'```mermaid\n(.*?)```', text, re.S):
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
                    wrong.append(f'{who[side]} does not call {name} on line {number}')
        if len(seen) < 8:
            wrong.append(f'a diagram names only {seen}')
    return wrong


def tests(text):
    """The tests that a table names and no file has."""
    sources = ''.join(path.read_text(encoding='utf-8')
                      for path in TOP.glob('*/tests/**/*.rs'))
    named = {name for row in re.findall(r'^\|.*\|$', text, re.M)
             for name in re.findall(r'`([a-z0-9]+(?:_[a-z0-9]+){3,})`', row)}
    return [f'no test {name}' for name in sorted(named) if f'fn {name}(' not in sources]


def main():
    write = sys.argv[1:] == ['--write']
    text = README.read_text(encoding='utf-8')
    wrong = diagrams(text) + tests(text)
    if len(re.findall('```mermaid', text)) != 2:
        wrong.append('not two diagrams')
    text, failed = recordings(text, write)
    wrong += [f'not as recorded: {what}' for what in failed]
    if write and not failed:
        README.write_text(text, encoding='utf-8')
    if wrong:
        sys.exit('README: ' + '\nREADME: '.join(wrong))


main()
