"""The diagram of a recording for README.md, in Mermaid's language: calls, and packets between them."""

from __future__ import annotations

from stage import mask
from stage.model import Packet, Step, side
from stage.words import readable, words

NOT_DRAWN = 'None', 'print', 'input'


def label(packet: Packet) -> str:
    """A packet in a word: its data, or what kind it is."""
    flags = words().flags(packet)
    kinds = {'FIN, ACK': 'FIN', 'UDP': 'an empty datagram'}
    text = readable(packet.data) or kinds.get(flags, flags)
    return mask.times(text, recent=False, instead='[time] ')


def letter(who: str) -> str:
    return side(who)[0].upper()


def diagram(protocol: str, steps: list[Step]) -> str:
    """Each call once; a dotted arrow is a kernel's own answer."""
    lines = [
        'sequenceDiagram',
        f'participant C as {protocol}-client',
        f'participant S as {protocol}-server',
    ]
    waiting: set[str] = set()
    drawn: set[str] = set(NOT_DRAWN)
    for step in steps:
        who, call = step.who, str(step.call)
        text = f'{call} {step.line}'
        if step.event == 'waits':
            text += ' waits'
            waiting.add(who)
        elif who in waiting:
            text += ' returns'
            waiting.remove(who)
        if not {call, who + text} & drawn:
            add(lines, step, text)
        drawn.add(who + text)
    return '\n    '.join(lines) + '\n'


def add(lines: list[str], step: Step, text: str) -> None:
    """Adds a call to the note of its program, and its packets."""
    note = f'Note over {letter(step.who)}: '
    if lines[-1].startswith(note):
        lines[-1] += f', {text}'
    else:
        lines.append(note + text)
    for packet in step.packets:
        arrow = '-->>' if packet.by == 'kernel' else '->>'
        sender, receiver = letter(packet.sender), letter(packet.receiver)
        lines.append(f'{sender}{arrow}{receiver}: {label(packet)}')
