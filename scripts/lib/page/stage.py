"""A recorded conversation, step by step: both programs at once."""
import json
from html import escape
from pathlib import Path
from string import Template

from join import Untrue, read

# What the script of the page fills in for each side.
SIDE = '''
<div class="who $side"><b>$side</b> <span class="does"></span></div>
<div class="side $side"><div class="code"></div>
<p class="variables" role="group" aria-label="variables of the $side"></p>
<pre class="console" role="group" aria-label="screen of the $side"></pre></div>'''
SECTION = Template(f'''
<section class="steps" id="$protocol-steps" aria-labelledby="$protocol-steps-title">
<h2 id="$protocol-steps-title">$title</h2>
<p class="about">Client and server in one conversation, recorded on 127.0.0.1.</p>
<div class="stage">{SIDE.replace('$side', 'client')}
<div class="between" role="status"><p class="what"></p><p class="crosses"></p></div>
{SIDE.replace('$side', 'server')}
</div>
<figure class="diagram">$diagram
<figcaption>Each call leads to its step.</figcaption></figure>
<table>
<thead><tr><th>step</th><th>who</th><th>line</th>
<th>Python</th><th>what comes of it</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
<script type="application/json">$recording</script>
</section>''')


class Steps:
    """The recording of a pair, as steps.sh --json makes it."""

    def __init__(self, protocol, folder, programs):
        self.protocol = protocol
        self.title = f'{protocol.upper()} step by step'
        self.steps = json.loads(read(Path(folder) / f'{protocol}-steps.json'))['steps']
        self.python = {side: programs[f'{protocol}-{side}'].python
                       for side in ('client', 'server')}
        for number, step in enumerate(self.steps, 1):
            if not 1 <= step['line'] <= len(self.python[step['side']]):
                raise Untrue(f'{protocol}: step {number} is of line {step["line"]}')

    def first(self, side):
        """The step in which each line of a side is recorded first."""
        found = {}
        for number, step in enumerate(self.steps, 1):
            if step['side'] == side:
                found.setdefault(step['line'], number)
        return found

    def call(self, side, name, which):
        """The first or the last step (0 or -1) that begins this call."""
        begun, waits = [], None
        for number, step in enumerate(self.steps, 1):
            if step['side'] == side:
                if step['call'] == name and not waits:
                    begun.append(number)
                waits = step['state'][side]['waits']
        if not begun:
            raise Untrue(f'{self.protocol}: the recording has no {name} of the {side}')
        return begun[which]

    def rows(self):
        """All steps as the rows of a table."""
        for number, step in enumerate(self.steps, 1):
            side, line = step['side'], step['line']
            source = self.python[side][line - 1].strip().partition('  #')[0]
            yield (f'<tr id="{self.protocol}-step-{number}"><td>{number}</td><td>{side}</td>'
                   f'<td>{line}</td><td><code>{escape(source)}</code></td>'
                   f'<td>{escape(step["what"])}</td></tr>')

    def section(self, diagram):
        recording = json.dumps(self.steps, ensure_ascii=False, separators=(',', ':'))
        return SECTION.substitute(
            protocol=self.protocol, title=self.title, diagram=diagram,
            rows='\n'.join(self.rows()), recording=recording.replace('<', '\\u003c'))
