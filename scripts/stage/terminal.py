"""Shows a recording in 80 columns: number, who, line, source, and the result. Below a step
are the packets and what the kernels keep, if that changes."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import zip_longest

from stage.mask import STAMP
from stage.model import Recording, Socket, Step
from stage.words import Words, fill, narrow, shorten, wide, wrap

INDENT = ' ' * 13


def bold(text: str) -> str:
    return os.environ.get('BOLD', '') + text + os.environ.get('PLAIN', '')


def title(text: str) -> str:
    return bold(f'── {text} {"─" * (76 - len(wide(text)))}')


def columns(form: str, *cells: list[str]) -> None:
    """Prints cells beside each other, each with its lines."""
    for parts in zip_longest(*cells, fillvalue=''):
        print(narrow(form.format(*map(wide, parts)).rstrip()), flush=True)


def filled(text: str, indent: str, rest: str) -> str:
    """Wraps to 80 columns; a timestamp stays whole."""
    text = re.sub(STAMP, lambda stamp: stamp[0].replace(' ', '\xa0'), text)
    text = fill(text, initial_indent=indent, subsequent_indent=rest)
    return text.replace('\xa0', ' ')


def wrapped(text: str, indent: str = '') -> str:
    """Wraps to 80 columns. A command below the text stays whole."""
    text, *command = text.split('\n')
    return '\n'.join([filled(text, indent, indent), *command])


def step_lines(number: int, step: Step, words: Words) -> list[str]:
    """The step in its columns; what is too long goes below."""
    if step.event not in ('done', 'raises', 'waits', 'exits'):
        return [f'{number:2} ── {words.event(step)}']
    head = f'{number:2} {words.name(step.who)} '
    if step.event == 'exits':
        return [head + words.result(step)]
    head += f'{step.line:2}  {step.source}'
    *above, head = map(wide, wrap(head, subsequent_indent=' ' * 26))
    what = shorten(words.result(step))
    rows = [what] if len(what) <= 65 else re.split(r', (?=\w+ = )', what)
    rows = [wide(part) for row in rows for part in wrap(row, 76) or ['']]
    if max(len(head), 50) + 2 + len(rows[0]) <= 80:
        head = f'{head:50}  {rows.pop(0)}'.rstrip()
    rows = [' ' * min(52, 80 - len(row)) + row for row in rows]
    return list(map(narrow, [*above, head, *rows]))


def said(mark: str, text: str) -> None:
    """A question or an answer."""
    text = f'   {mark} {text}'
    print(*map(bold, wrap(text, 76, subsequent_indent='     ')), sep='\n')


def show(recording: Recording, first: int, last: int, words: Words) -> None:
    """Prints the steps from the first to the last."""
    before: list[Socket] = []
    who = None
    for number, step in enumerate(recording.steps, 1):
        sockets = before if step.sockets is None else step.sockets
        if first <= number <= last:
            if who not in (None, step.who):
                print()
            who = step.who
            show_step(recording, number, words, words.changes(before, sockets))
        before = sockets


def show_step(
    recording: Recording, number: int, words: Words, changes: Iterator[str]
) -> None:
    step = recording.steps[number - 1]
    asked = list(words.asked(recording, step))
    for question, _ in asked:
        said('?', question)
    print(*step_lines(number, step, words), sep='\n')
    for line in [*map(words.packet, step.packets), words.join('sentences', changes)]:
        if line:
            print(filled(line, INDENT, INDENT + '  '))
    for _, answer in asked:
        if answer:
            said('!', answer)
