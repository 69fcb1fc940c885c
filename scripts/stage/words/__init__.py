"""The only place where facts become words. A text that a language lacks is an error."""

from __future__ import annotations

import argparse
import json
import re
import sys
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from stage.language import LANGUAGES, chosen, texts
from stage.model import (
    Difference,
    End,
    Packet,
    Problem,
    Recording,
    Sent,
    Socket,
    Step,
    changed,
    side,
)

WIDE = '[\u2e80-\uffdc]'  # takes two columns


class Wrapper(textwrap.TextWrapper):
    """Breaks a line of Chinese anywhere, but not before a sign that ends something."""

    def _split(self, text: str) -> list[str]:
        breaks = rf'({WIDE}\0(?:[，。；：、？！）”]\0?)*)'
        words = super()._split(text)
        return [part for word in words for part in re.split(breaks, word) if part]


def wide(text: str) -> str:
    """A text as long as the columns that it takes; `narrow` makes it a text again."""
    return re.sub(WIDE, '\\g<0>\0', text)


def narrow(text: str) -> str:
    return text.replace('\0', '')


def wrap(text: str, width: int = 80, **options: Any) -> list[str]:
    """The lines of a text, wrapped by columns."""
    lines = Wrapper(width, **options).wrap(wide(text))
    return list(map(narrow, lines))


def fill(text: str, width: int = 80, **options: Any) -> str:
    return '\n'.join(wrap(text, width, **options))


def shorten(text: str) -> str:
    """Long runs of a character are counted, also of one that repr writes as four bytes at most."""
    runs = r'((?:\\x..){2,4}|.)\1{19,}'
    return re.sub(runs, lambda run: f'{run[1]} × {len(run[0]) // len(run[1])}', text)


def readable(data: bytes) -> str:
    """Data of a packet; what is not UTF-8 is replaced."""
    return shorten(data.decode('utf-8', 'replace'))


def arrow(packet: Packet) -> str:
    """Which way it goes: clients are at the left, servers at the right."""
    return '→' if side(packet.receiver) == 'server' else '←'


class Words:
    """The words of a language."""

    def __init__(self, language: str):
        self.language = language
        self.texts = texts(language)

    def __call__(self, *keys: str | None, **facts: Any) -> str:
        """A text by its keys, with the facts in their places."""
        text = self.texts
        for key in keys:
            if key not in text:
                raise Problem(
                    'no words', language=self.language, text=' '.join(map(str, keys))
                )
            text = text[key]
        for key in {'who', 'owner', 'peer'} & facts.keys():
            facts[key] = self.name(facts[key])
        return text.format(**facts)

    def has(self, *keys: str) -> bool:
        """Whether there is a special text."""
        text = self.texts
        for key in keys:
            text = text.get(key, {})
        return bool(text)

    def join(self, between: str, texts: Iterable[str]) -> str:
        """A text of several: `names`, `facts`, `sentences` or `texts`."""
        return self('between', between).join(texts)

    def name(self, who: str | None) -> str:
        """`client 2` in this language; an address stays as it is."""
        one, *number = (who or '').split(' ')
        return ' '.join([self.texts['page'].get(one, one), *number])

    # ── A scenario ───────────────────────────────────────────────────────────────────

    def about(self, name: str, about: list[str]) -> list[str]:
        """The title of a scenario of ours, and what it is about; that of a student as it is written."""
        return self.texts['scenarios'].get(name, {}).get('about') or about or [name]

    def translated(self, name: str, text: str) -> str:
        """A question of a scenario or its answer; a student's as it is written."""
        known = name in self.texts['scenarios']
        return self('scenarios', name, 'texts', text) if known else text

    def asked(self, recording: Recording, step: Step) -> Iterator[tuple[str, str]]:
        """The questions that a step answers, each with its answer, or ''."""
        for one in step.questions:
            answer = one.answers.get(recording.protocol, '')
            yield (
                self.translated(recording.name, one.text),
                answer and self.translated(recording.name, answer),
            )

    # ── A step ───────────────────────────────────────────────────────────────────────

    def caption(self, step: Step, is_head: bool = False) -> str:
        """What a step does, without the name of the program. Heads are imports and constants."""
        if step.event == 'exits':
            key = 'exits with' if step.error else 'exits'
            return self('exits', key, error=step.error)
        if step.event == 'raises':
            return self('raises', call=step.call or self('line'), error=step.message)
        if step.event == 'waits':
            return self('waiting', step.call or 'other')
        if step.event != 'done':
            return self.event(step)
        if is_head:
            return self('imports')
        facts = {'count': step.count, 'port': step.port}
        whole = (step.count or 0) + step.discarded
        return self('calls', self.call(step), whole=whole, **facts)

    def call(self, step: Step) -> str:
        """The key of the text for a call that has returned, or for another line."""
        key = step.call or (step.source or '').split()[0]
        flags = {flag for packet in step.packets for flag in packet.flags}
        special = {
            'close FIN': 'FIN' in flags,
            'close RST': 'RST' in flags,
            'input empty': not step.count,
            'recv empty': not step.count,
            'recvfrom cut': step.discarded,
        }
        keys = [one for one in special if one.split()[0] == key and special[one]]
        known = [one for one in [*keys, key] if self.has('calls', one)]
        return [*known, 'other'][0]

    def event(self, step: Step) -> str:
        """What happens to a program, or that time passes."""
        key = step.event if step.seconds != 1 else 'passes one'
        return self('events', key, who=step.who, seconds=step.seconds)

    def result(self, step: Step) -> str:
        """The result of a step, in a column of the terminal."""
        call = step.call or ''
        if step.event == 'waits':
            peer = 'a reply' if side(step.who) == 'client' else 'a message'
            known = self.has('terminal', 'waits for', call)
            return self('terminal', 'waits for', call if known else peer)
        if step.event == 'exits':
            return self.end(End('exits', step.error))
        if step.event == 'raises':
            return step.message
        if self.has('terminal', 'returns', call):
            text = step.output.rstrip('\n')
            return self('terminal', 'returns', call, text=text)
        return ', '.join(f'{name} = {value}' for name, value in step.assigned.items())

    def end(self, end: End | None) -> str:
        """How a program ended."""
        if end is None:
            return self('ends', 'does not start')
        if end.error is not None:
            return self('ends', 'exits with error', error=end.error)
        if end.how == 'exits' and end.status:
            return self('ends', 'exits with status', status=end.status)
        return self('ends', end.how)

    # ── The network ──────────────────────────────────────────────────────────────────

    def flags(self, packet: Any) -> str:
        """What kind of packet it is: `FIN, ACK`."""
        flags = ', '.join(packet.flags)
        return flags if packet.kind == 'TCP' else f'{packet.kind} {flags}'.strip()

    def numbers(self, packet: Packet) -> str:
        """As Wireshark shows them: seq 1:6, ack 1, length 5."""
        parts, length = [], len(packet.data)
        if packet.seq is not None:
            parts.append(f'seq {packet.seq}' + f':{packet.seq + length}' * bool(length))
        if packet.ack is not None:
            parts.append(f'ack {packet.ack}')
        if packet.fragment is not None:
            part = f'{packet.fragment}:{packet.fragment + length}'
            parts.append(self('packet', 'fragment', part=part))
        if length or packet.kind == 'UDP':
            parts.append(f'length {length}')
        return ', '.join(parts)

    def notes(self, packet: Packet) -> Iterator[str]:
        """What is to be said of a packet: that it is lost, a copy, sent again, the kernel's own."""
        if packet.fate != 'arrives':
            yield self('packet', packet.fate)
        if packet.waited:
            yield self('packet', 'waited', seconds=packet.waited)
        elif packet.again:
            yield self('packet', 'again' if packet.waited is None else 'at once')
        elif packet.by == 'kernel':
            yield self('packet', 'by kernel')

    def packet(self, packet: Packet) -> str:
        """A packet in a line of the terminal."""
        parts = (
            self.name(packet.client) if packet.client != 'client' else '',
            arrow(packet),
            self.flags(packet),
            self.numbers(packet),
            readable(packet.data),
            *self.notes(packet),
        )
        return ' '.join(filter(None, parts))

    def marks(self, one: Socket, before: Socket | None = None) -> Iterator[str]:
        """How many connections are in its queue, how many bytes are unread. With the socket before:
        only what has changed, a 0 too."""
        for key in 'queued', 'unread':
            count, old = getattr(one, key), getattr(before, key) if before else 0
            if count != old if before else count:
                yield self('socket', key, count=count)

    def owner(self, one: Any) -> str:
        """Whose socket it is."""
        if one.peer is None:
            return self.name(one.owner)
        return self('socket', 'owner to peer', owner=one.owner, peer=one.peer)

    def changes(self, before: list[Socket], now: list[Socket]) -> Iterator[str]:
        """Of each socket that has changed, whose it is and what is new."""
        for was, one in changed(before, now):
            what = self.join('facts', self.news(was, one))
            if what:
                owner = self.owner(one or was)
                yield self('socket', 'changes', owner=owner, what=what)

    def news(self, was: Socket | None, one: Socket | None) -> Iterator[str]:
        """What is new of a socket. The kernel shows no state for UDP."""
        nameless = 'UDP', 'new', 'bound'
        if one is None:
            if was and was.state not in nameless:
                yield self('socket', 'closed')
            return
        if one.state not in (*nameless, was and was.state):
            yield one.state
        yield from self.marks(one, was)

    # ── Two plays ────────────────────────────────────────────────────────────────────

    def difference(self, one: Difference, between: Sequence[str] = ()) -> str:
        """How another language differs. `between` names two plays that are not two languages."""
        names = between or [
            self('in', language=name) for name in ('Python', one.language)
        ]
        who = self('differences', 'again', who=one.who) if one.again else one.who
        text = self(
            'differences',
            one.kind,
            who=who,
            number=one.number,
            python=self.compared(one.kind, one.python),
            other=self.compared(one.kind, one.other),
            in_python=names[0],
            in_other=names[1],
        )
        if one.message:
            text += self('differences', 'message', message=one.message)
        return text

    def compared(self, kind: str, value: Any) -> str:
        """A fact in a comparison: an end, a line of output, a packet."""
        if kind == 'end':
            return self.end(value)
        if value is None:
            return self('differences', 'nothing')
        return quoted(self.sent(value) if kind == 'packet' else value)

    def sent(self, one: Sent) -> str:
        """A packet in a comparison."""
        who = one.sender
        if side(who) == 'server':
            who = self('socket', 'owner to peer', owner=who, peer=one.receiver)
        data = f' {one.length} {readable(one.data)!r}' if one.data else ''
        fates = [] if one.fate == 'arrives' else [one.fate]
        notes = [self('packet', key) for key in fates + ['again'] * one.again]
        what = ' '.join([f'{self.flags(one)}{data}', *notes])
        return self('socket', 'changes', owner=who, what=what)

    def sentence(self, problem: Problem) -> str:
        """What cannot be done, and what to do."""
        facts = dict(problem.facts)
        if 'known' in facts:
            facts['known'] = self.join('sentences', facts['known'])
        if 'differences' in facts:
            found = facts['differences']
            facts['language'] = found[0].language
            facts['differences'] = self.join('sentences', map(self.difference, found))
            facts['files'] = self.join('either', facts['files'])
        return self('problems', problem.key, **facts)

    def problem(self, problem: Problem) -> str:
        """The same, with the scenario and the line."""
        text, facts = self.sentence(problem), problem.facts
        if 'name' not in facts:
            return text
        where = 'in line' if 'line' in facts else 'in scenario'
        return self('problems', where, sentence=text, **facts)

    def error(self, problem: Problem) -> str:
        """The same as a line of JSON, for another program."""
        line = problem.facts.get('line')
        return json.dumps({'line': line, 'error': self.sentence(problem)})


def quoted(text: str) -> str:
    """A text in quotes, at most some 50 characters of it."""
    text = shorten(text)
    return repr(text) if len(text) < 50 else f'{text[:24]!r} … {text[-20:]!r}'


@lru_cache(maxsize=None)
def words(language: str = '') -> Words:
    """The words of a language, read once; or those of the one that was chosen."""
    return Words(language or chosen())


def parser(description: str | None, **options: Any) -> argparse.ArgumentParser:
    """For a command that speaks the chosen language. What a console lacks becomes `?`."""
    sys.stdout.reconfigure(errors='replace')  # type: ignore
    command, known = words().texts['about'], words().texts['argparse']
    argparse._ = lambda text: known.get(text, text)  # type: ignore
    made = argparse.ArgumentParser(
        description=command.get(Path(sys.argv[0]).name, description),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        **options,
    )
    about = words()('options', 'lang')
    made.add_argument('--lang', choices=LANGUAGES, default=words().language, help=about)
    return made


OWN = 'about', 'argparse', 'comments', 'glossary', 'keys', 'scenarios'


def keys(texts: Any, place: str = '') -> Iterator[str]:
    """The name of each text. The words of the glossary and the keyboard's keys are a language's own."""
    if not isinstance(texts, dict):
        yield place
        return
    for name, value in texts.items():
        if not place and name in OWN:
            continue
        yield from keys(value, f'{place} {name}'.strip())
