"""Shows a recording in 80 columns: number, who, line, source, and the result. Below a step
are the packets and what the kernels keep, if that changes."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Iterator
from itertools import zip_longest

from stage.mask import STAMP
from stage.model import Packet, Recording, Socket, Step
from stage.words import Words, shorten

INDENT = ' ' * 13


def bold(text: str) -> str:
    return f'{os.environ.get("BOLD", "")}{text}{os.environ.get("PLAIN", "")}'


def title(text: str) -> str:
    return bold(f'── {text} {"─" * (76 - len(text))}')


def wrapped(text: str, indent: str = '') -> str:
    """Wraps to 80 columns. A command below the text stays whole."""
    text, *command = text.split('\n')
    filled = textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent)
    return '\n'.join([filled, *command])


def columns(form: str, *cells: list[str]):
    """Prints cells beside each other, each with its lines."""
    for parts in zip_longest(*cells, fillvalue=''):
        print(form.format(*parts).rstrip(), flush=True)


def fill(text: str, indent: str, rest: str) -> str:
    """Wraps to 80 columns; a timestamp stays whole."""
    whole = re.sub(STAMP, lambda stamp: stamp[0].replace(' ', '\xa0'), text)
    lines = textwrap.fill(whole, 80, initial_indent=indent, subsequent_indent=rest)
    return lines.replace('\xa0', ' ')


def step_lines(number: int, step: Step, words: Words) -> list[str]:
    """The step in its columns; what is too long goes below."""
    if step.event not in ('done', 'raises', 'waits', 'exits'):
        return [f'{number:2} ── {words.event(step)}']
    head = f'{number:2} {step.who}'
    if step.event == 'exits':
        return [f'{head} {words.result(step)}']
    head += f' {step.line:2}  {step.source}'
    *above, head = textwrap.wrap(head, 80, subsequent_indent=' ' * 26)
    what = shorten(words.result(step))
    rows = [what] if len(what) <= 65 else re.split(r', (?=\w+ = )', what)
    rows = [part for row in rows for part in textwrap.wrap(row, 76) or ['']]
    if max(len(head), 50) + 2 + len(rows[0]) <= 80:
        head = f'{head:50}  {rows.pop(0)}'.rstrip()
    return [*above, head, *(' ' * min(52, 80 - len(row)) + row for row in rows)]


def said(text: str) -> str:
    """A question or an answer."""
    lines = textwrap.wrap(text, 76, initial_indent='   ', subsequent_indent='     ')
    return '\n'.join(map(bold, lines))


def below(packets: list[Packet], changes: Iterator[str], words: Words) -> Iterator[str]:
    """The packets of a step, and what has changed in the kernels."""
    for line in [*map(words.packet, packets), '; '.join(changes)]:
        if line:
            yield fill(line, INDENT, INDENT + '  ')


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
            asked = list(words.asked(recording, step))
            for question, _ in asked:
                print(said(f'? {question}'))
            print(*step_lines(number, step, words), sep='\n')
            for line in below(step.packets, words.changes(before, sockets), words):
                print(line)
            for _, answer in asked:
                if answer:
                    print(said(f'! {answer}'))
        before = sockets
