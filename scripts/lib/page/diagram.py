"""The diagram of a pair: its calls, and the packets between them, as SVG."""
import ast
from html import escape

from join import Untrue

# What happens, from top to bottom: the client's call, the packet, the server's
# call. A call with … waits, up to the . below it. Between [ and ] stands what
# is repeated.
CONVERSATIONS = {
    'tcp': [
        ('socket', '', 'socket'),
        ('', '', 'bind'),
        ('', '', 'listen'),
        ('', '', 'accept…'),
        ('connect…', '→ SYN', ''),
        ('.', '← SYN, ACK', ''),
        ('', '→ ACK', '.'),
        '[ for every line',
        ('input', '', 'recv…'),
        ('send', '→ hello', '.'),
        ('recv…', '', ''),
        ('.', '← [time] hello', 'send'),
        ']',
        ('input', 'an empty line', 'recv…'),
        ('close', '→ FIN', '.'),
        ('', '← FIN', 'close'),
    ],
    'udp': [
        ('socket', '', 'socket'),
        ('', '', 'bind'),
        '[ for every line',
        ('input', '', 'recvfrom…'),
        ('sendto', '→ hello', '.'),
        ('recvfrom…', '', ''),
        ('.', '← [time] hello', 'sendto'),
        ']',
        ('input', 'an empty line', 'recvfrom…'),
        ('close', 'nothing is sent', ''),
    ],
}
CLIENT, SERVER, STEP = 118, 298, 38     # the two life lines; from row to row
MIDDLE = (CLIENT + SERVER) // 2


def calls(program):
    """Where a Python file calls what first: {'bind': 10, …}."""
    found = {}
    for node in ast.walk(ast.parse('\n'.join(program.python))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, 'attr', getattr(node.func, 'id', ''))
            found[name] = min(node.lineno, found.get(name, node.lineno))
    return found


def diagram(protocol, programs, own=None, steps=None):
    """The diagram of a pair as SVG: for the view of one of the two, where each call
    leads to its line, or for the recorded steps, where it leads to its step."""
    sides = {'client': CLIENT, 'server': SERVER}
    lines = {side: calls(programs[f'{protocol}-{side}']) for side in sides}
    back, front = [], []
    waits, frame, framed = {}, None, False
    y = 62

    def call(side, name):
        number = lines[side].get(name)
        if number is None:
            raise Untrue(f'{protocol}-{side}: the diagram has {name}, the Python file has not')
        address = f'{side}-{number}'
        if steps:       # after the frame, the last of these calls
            address = f'step-{steps.call(side, name, -1 if framed else 0)}'
        x, anchor = (CLIENT - 12, 'end') if side == 'client' else (SERVER + 12, 'start')
        words = [name, f'<tspan class="at">{number}</tspan>']
        mark = ' class="own"' if own == f'{protocol}-{side}' else ''
        front.append(f'<a href="#{protocol}-{address}"{mark}><text x="{x}" y="{y + 5}" '
                     f'text-anchor="{anchor}">{" ".join(words)}</text></a>'
                     f'<circle cx="{sides[side]}" cy="{y}" r="4.5"/>')

    for row in CONVERSATIONS[protocol]:
        if row == ']':
            back.append(f'<rect class="frame" x="1" y="{frame}" width="{2 * MIDDLE - 2}" '
                        f'height="{y - frame - 8}" rx="8"/>')
            y += 20
            framed = True
            continue
        if row[0] == '[':
            frame = y - 10
            front.append(f'<text class="aside" x="{MIDDLE}" y="{y + 10}" '
                         f'text-anchor="middle">{row[2:]}</text>')
            y += 34
            continue
        packet = row[1]
        for side, event in (('client', row[0]), ('server', row[2])):
            if event == '.':
                back.append(f'<rect class="wait" x="{sides[side] - 5}" y="{waits[side]}" '
                            f'width="10" height="{y - waits.pop(side)}"/>')
            elif event:
                call(side, event.rstrip('…'))
                if event.endswith('…'):
                    waits[side] = y
        if packet[:1] in '→←' and packet:
            start, end = CLIENT + 8, SERVER - 8
            head = end if packet[0] == '→' else start
            tail = head - 10 if packet[0] == '→' else head + 10
            front.append(f'<path class="packet" d="M{start} {y}H{end}"/>'
                         f'<path class="head" d="M{head} {y}L{tail} {y - 5}V{y + 5}Z"/>'
                         f'<text class="data" x="{MIDDLE}" y="{y - 7}" '
                         f'text-anchor="middle">{escape(packet[2:])}</text>')
        elif packet:
            front.append(f'<text class="aside" x="{MIDDLE}" y="{y + 4}" '
                         f'text-anchor="middle">{packet}</text>')
        y += STEP

    bottom = y - 8
    for side, start in waits.items():   # waits on
        back.append(f'<rect class="wait" x="{sides[side] - 5}" y="{start}" '
                    f'width="10" height="{bottom - start}"/>')
    heads = ''.join(
        f'<path class="life" d="M{x} 40V{bottom}"/>'
        f'<a href="#{protocol}-{side}"><rect class="name" x="{x - 52}" y="6" width="104" '
        f'height="34" rx="8"/>'
        f'<text class="name" x="{x}" y="28" text-anchor="middle">{side}</text></a>'
        for side, x in sides.items())
    what = f'{protocol.upper()}: the calls of client and server, and the packets between them'
    return (f'<svg viewBox="0 0 {2 * MIDDLE} {bottom + 4}" role="group" aria-label="{what}">'
            + heads + ''.join(back + front) + '</svg>')
