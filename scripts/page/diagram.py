"""The diagram of a recording for README.md: its calls, and the packets between them.

    scripts/play.sh --json hello tcp | python3 scripts/page/diagram.py
"""
import json
import re
import sys


def label(packet):
    """A packet in a word: its data, or what kind it is."""
    kinds = {'FIN, ACK': 'FIN', 'UDP': 'an empty datagram'}
    text = packet['data'] or kinds.get(packet['flags'], packet['flags'])
    return re.sub(r'\[.{24}\]', '[time]', text)


def diagram(recording):
    """In Mermaid's language; a dotted arrow is a kernel's own answer."""
    protocol = recording['protocol']
    lines = [f'participant C as {protocol}-client', f'participant S as {protocol}-server']
    waits, drawn = set(), {'None', 'print', 'input'}    # each call once
    for step in recording['steps']:
        who, call, waits_now = step['who'], str(step.get('call')), step['event'] == 'waits'
        text = f"{call} {step['line']}" + (' waits' if waits_now else ' returns' * (who in waits))
        if not {call, who + text} & drawn:
            add(lines, who, text, step['packets'])
        drawn.add(who + text)
        (waits.add if waits_now else waits.discard)(who)
    return 'sequenceDiagram\n' + ''.join(f'    {line}\n' for line in lines)


def add(lines, who, text, packets):
    """Adds a call to the note of its program, and its packets."""
    note = f'Note over {who[0].upper()}: '
    lines.append(f'{lines.pop()}, {text}' if lines[-1].startswith(note) else note + text)
    for packet in packets:
        both = 'CS' if packet['from'] == 'client' else 'SC'
        arrow = '-->>' if packet['kernel'] else '->>'
        lines.append(f'{both[0]}{arrow}{both[1]}: {label(packet)}')


if __name__ == '__main__':
    print(diagram(json.load(sys.stdin)), end='')
