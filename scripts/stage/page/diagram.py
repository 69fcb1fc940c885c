"""The diagram of a recording for README.md, in Mermaid's language: calls, and packets between them."""

from stage import mask
from stage.model import side
from stage.words import readable, words

NOT_DRAWN = 'None', 'print', 'input'
HEAD = """\
sequenceDiagram
    participant C as {protocol}-client
    participant S as {protocol}-server"""
KINDS = {'FIN, ACK': 'FIN', 'UDP': 'an empty datagram'}


def label(packet):
    """A packet in a word: its data, or what kind it is."""
    flags = words().flags(packet)
    text = readable(packet.data) or KINDS.get(flags, flags)
    return mask.times(text, recent=False, instead='[time] ')


def letter(who):
    return side(who)[0].upper()


def diagram(protocol: str, steps) -> str:
    """Each call once; a dotted arrow is a kernel's own answer."""
    lines = [HEAD.format(protocol=protocol)]
    waiting, drawn = set(), set(NOT_DRAWN)
    for step in steps:
        who, text = step.who, f'{step.call} {step.line}'
        if step.event == 'waits':
            text += ' waits'
            waiting.add(who)
        elif who in waiting:
            text += ' returns'
            waiting.remove(who)
        if not {str(step.call), who + text} & drawn:
            add(lines, step, text)
        drawn.add(who + text)
    return '\n    '.join(lines) + '\n'


def add(lines, step, text):
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
