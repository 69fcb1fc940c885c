"""The diagram of a recorded pair: its calls, and the packets between them. As SVG for the
page, and for Mermaid:

    scripts/steps.sh --json tcp | python3 scripts/lib/page/diagram.py
"""
import json
import re
import sys
from html import escape

CLIENT, SERVER = 118, 298       # the two life lines
MIDDLE = (CLIENT + SERVER) // 2


def name(packet):
    """A packet in a word: its data, or what kind it is."""
    return packet['data'] or {'FIN, ACK': 'FIN', 'UDP': 'an empty line'}.get(
        packet['flags'], packet['flags'] or 'an empty line')


def events(recording):
    """What the calls do, in order, in three parts: until the first line is typed; what
    happens for a line; what for the empty one. Those for a second line are left out
    where they are the same."""
    parts, waits = [[]], {}
    for number, step in enumerate(recording['steps'], 1):
        side, call, ended = step['side'], step['call'], step['state'][step['side']]['ended']
        if call in (None, 'print') or ended:
            continue
        does = 'waits' if step['state'][side]['waits'] else 'returns' if waits.get(side) else ''
        waits[side] = does == 'waits'
        if (call, does) == ('input', 'returns'):
            parts.append([])
        parts[-1].append({'side': side, 'call': call, 'line': step['line'], 'does': does,
                          'step': number, 'packets': [
                              {**one, 'name': re.sub(r'\[.{24}\]', '[time]', name(one))}
                              for one in step['packets']]})

    def shape(part):
        return [(one['side'], one['call'], one['line'], one['does']) for one in part]
    first, *same, last = parts[1:]
    return [parts[0], first, *(one for one in same if shape(one) != shape(first)), last]


def mermaid(recording):
    """As README.md has it; a dotted arrow is a kernel's own answer."""
    protocol, letters = recording['protocol'], {'client': 'C', 'server': 'S'}
    lines = [f'participant {letter} as {protocol}-{side}' for side, letter in letters.items()]
    for at, part in enumerate(events(recording)):
        lines += ['loop for every line'] * (at == 1)
        for one in part:
            label, note = f"{one['call']} {one['line']}", f"Note over {letters[one['side']]}: "
            if lines[-1].startswith(note):
                label = f'{lines.pop()[len(note):]}, {label}'
            for packet in one['packets']:
                arrow = ('C{}S' if packet['from'] == 'client' else 'S{}C').format(
                    '-->>' if packet['kernel'] else '->>')
                lines.append(f"{arrow}: {label}{': ' * bool(label)}{packet['name']}")
                label = ''
            if label:
                lines.append(f"{note}{label} {one['does']}".rstrip())
        lines += ['end'] * (at == 1)
    return 'sequenceDiagram\n' + ''.join(f'    {line}\n' for line in lines)


def diagram(recording, own=None):
    """As SVG: for the view of one of the two programs, where each call leads to its line, or
    for the steps, where it leads to its step."""
    protocol, sides = recording['protocol'], {'client': CLIENT, 'server': SERVER}
    back, front, waits, y = [], [], {}, 62

    def bar(side):
        back.append(f'<rect class="wait" x="{sides[side] - 5}" y="{waits[side]}" '
                    f'width="10" height="{y - waits.pop(side)}"/>')

    for at, part in enumerate(events(recording)):
        if at:
            frame = y - 12
            front.append(f'<text class="aside" x="{MIDDLE}" y="{y + 6}" text-anchor="middle">'
                         f'for {"every" if at == 1 else "an empty"} line</text>')
            y += 26
        for one in part:
            side, x = one['side'], sides[one['side']]
            if one['does'] == 'returns':
                bar(side)
            if one['does'] != 'returns':
                address = f"{side}-{one['line']}" if own else f"step-{one['step']}"
                out, anchor = (-12, 'end') if side == 'client' else (12, 'start')
                mark = ' class="own"' if own == f'{protocol}-{side}' else ''
                words = f'{one["call"]} <tspan class="at">{one["line"]}</tspan>'
                front.append(f'<a href="#{protocol}-{address}"{mark}><text x="{x + out}" '
                             f'y="{y + 5}" text-anchor="{anchor}">{words}</text></a>'
                             f'<circle cx="{x}" cy="{y}" r="4.5"/>')
            if one['does'] == 'waits':
                waits[side] = y
            for packet in one['packets']:
                right = packet['from'] == 'client'
                head, tail = (SERVER - 8, -10) if right else (CLIENT + 8, 10)
                kind = 'kernel' if packet['kernel'] else 'packet'
                front.append(
                    f'<path class="{kind}" d="M{CLIENT + 8} {y}H{SERVER - 8}"/>'
                    f'<path class="{kind} head" d="M{head} {y}l{tail} -5v10z"/>'
                    f'<text class="{kind}" x="{MIDDLE}" y="{y - 6}" text-anchor="middle">'
                    f'{escape(packet["name"])}</text>')
                y += 24
            y += 4 if one['packets'] else 10 if one['does'] == 'returns' else 26
        if at == 1:
            back.append(f'<rect class="frame" x="1" y="{frame}" width="{2 * MIDDLE - 2}" '
                        f'height="{y - frame - 12}" rx="8"/>')
            y += 8
    for side in list(waits):
        bar(side)
    heads = ''.join(
        f'<path class="life" d="M{x} 40V{y}"/>'
        f'<a href="#{protocol}-{side}"><rect class="name" x="{x - 52}" y="6" width="104" '
        f'height="34" rx="8"/>'
        f'<text class="name" x="{x}" y="28" text-anchor="middle">{side}</text></a>'
        for side, x in sides.items())
    what = f'{protocol.upper()}: the calls of client and server, and the packets between them'
    return (f'<svg viewBox="0 0 {2 * MIDDLE} {y + 4}" role="group" aria-label="{what}">'
            + heads + ''.join(back + front) + '</svg>')


if __name__ == '__main__':
    print(mermaid(json.load(sys.stdin)), end='')
