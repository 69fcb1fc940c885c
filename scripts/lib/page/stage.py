"""A recorded conversation, step by step: both programs at once."""
import json
from html import escape
from string import Template

from diagram import name
from join import Untrue

# What the script of the page fills in for each side.
SIDE = '''
<div class="who $side"><p><b>$side</b> <span class="does"></span></p>
<p class="kept" role="group" aria-label="kernel of the $side"></p></div>
<div class="side $side"><div class="code"></div>
<p class="variables" role="group" aria-label="variables of the $side"></p>
<pre class="console" tabindex="0" role="group" aria-label="screen of the $side"></pre></div>'''
SECTION = Template(f'''
<section class="steps" id="$protocol-steps" aria-labelledby="$protocol-steps-title">
<h2 id="$protocol-steps-title">$title</h2>
<p class="about">Client and server in one conversation, recorded on 127.0.0.1. $seen</p>
<div class="stage">
<div class="told" role="status"><p class="what"></p><p class="packets"></p></div>
{SIDE.replace('$side', 'client')}
{SIDE.replace('$side', 'server')}
</div>
<figure class="diagram">$diagram
<figcaption>Each call leads to its step. $legend</figcaption></figure>
<table>
<thead><tr><th>step</th><th>who</th><th>line</th>
<th>Python</th><th>what comes of it</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
<script type="application/json">$recording</script>
</section>''')
LEGEND = 'A thick line waits; a dashed arrow is a kernel’s own answer.'
NOT_SEEN = ('Packets could not be seen where this page was made: the arrows are only what the '
            'programs send.')


def told(step):
    """What a step does, in words; what it says of the kernels is what is new there."""
    call, side = step['call'], step['side']
    state, other = step['state'][side], 'server' if side == 'client' else 'client'
    new = {one: ' '.join(what for what, is_new in marks if is_new)
           for one, marks in step['kept'].items()}
    data = state['variables'].get('data')
    if state['ended']:
        return 'the program ends'
    if not call or call == 'print':
        return step['source']
    if state['waits']:
        return f'{call} waits {state["waits"]}'
    if call == 'accept' and 'in the queue' in new[side]:
        return 'accept returns a connection that was in the queue'
    if call == 'connect' and 'in the queue' in new[other]:
        return 'connect returns: connected, though accept has not returned'
    if call in ('send', 'sendto') and 'unread' in new[other]:
        return f'{call} returns: the {other}’s kernel has the bytes, unread'
    if call in ('recv', 'recvfrom'):
        return f'{call} returns ' + ('the bytes' if data != "b''" else
                                     f'nothing: the {other} has closed')
    if call == 'close' and new[other]:
        return f'close returns; {new[side]} at the {side}, {new[other]} at the {other}'
    if call == 'input':
        return 'input returns ' + ('a line' if data != "''" else 'an empty line')
    return call


def kept(before, now):
    """What the kernel keeps for a side, each with whether that is new."""
    found = [['LISTEN', not before.get('listening')]] if now.get('listening') else []
    for part, key, words in [('listening', 'queue', '{} in the queue'),
                             ('socket', 'state', '{}'), ('socket', 'unread', '{} bytes unread')]:
        was, has = ((state.get(part) or {}).get(key) for state in (before, now))
        if was or has:
            found.append([words.format(has or ('closed' if key == 'state' else 0)), was != has])
    return found


class Steps:
    """The recording of a pair, as steps.sh --json makes it."""

    def __init__(self, recording, programs):
        self.recording, self.protocol = recording, recording['protocol']
        self.title = f'{self.protocol.upper()} step by step'
        self.steps = recording['steps']
        before = {'client': {}, 'server': {}}
        for number, step in enumerate(self.steps, 1):
            python = programs[f"{self.protocol}-{step['side']}"].python
            if not 1 <= step['line'] <= len(python):
                raise Untrue(f'{self.protocol}: step {number} is of line {step["line"]}')
            step['source'] = python[step['line'] - 1].strip().partition('  #')[0]
            step['kept'] = {side: kept(before[side], state)
                            for side, state in step['state'].items()}
            step['told'] = told(step)
            for packet in step['packets']:
                packet['name'] = name(packet)
            before = step['state']

    def first(self, side):
        """The step in which each line of a side is recorded first."""
        found = {}
        for number, step in enumerate(self.steps, 1):
            if step['side'] == side:
                found.setdefault(step['line'], number)
        return found

    def rows(self):
        """All steps as the rows of a table."""
        for number, step in enumerate(self.steps, 1):
            packets = [f"{'→' if one['from'] == 'client' else '←'} {one['name']}"
                       + ' (kernel)' * one['kernel'] for one in step['packets']]
            what = [step['what']] * (not packets) + packets + [
                f'{side}: {one}' for side in step['kept'] for one, new in step['kept'][side] if new]
            yield (f'<tr id="{self.protocol}-step-{number}"><td>{number}</td>'
                   f'<td>{step["side"]}</td><td>{step["line"]}</td>'
                   f'<td><code>{escape(step["source"])}</code></td>'
                   f'<td>{"<br>".join(map(escape, what))}</td></tr>')

    def section(self, diagram):
        recording = json.dumps(self.steps, ensure_ascii=False, separators=(',', ':'))
        seen = self.recording['packets_seen']
        return SECTION.substitute(
            protocol=self.protocol, title=self.title, diagram=diagram, legend=LEGEND,
            seen='' if seen else NOT_SEEN, rows='\n'.join(self.rows()),
            recording=recording.replace('<', '\\u003c'))
