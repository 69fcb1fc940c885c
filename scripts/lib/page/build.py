"""The page of side-by-side.sh: all four programs, each with its diagram, its screens and
its rows, both pairs step by step, and how to read all that. It needs Pygments:

    python3 scripts/lib/page/build.py RECORDS PAGE

RECORDS is a folder; of each pair it has as PROTOCOL-steps.json what steps.sh --json prints.
"""
import json
import re
import sys
from html import escape
from pathlib import Path
from string import Template

from pygments.lexers import PythonLexer, RustLexer

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))   # for join
from diagram import diagram                                 # noqa: E402
from guide import guide                                     # noqa: E402
from highlight import code, highlighted, prose              # noqa: E402
from join import PROGRAMS, Program, Untrue, indent, read    # noqa: E402
from stage import LEGEND, Steps                             # noqa: E402


def rows_html(program, first):
    """The rows; first is the step that each line is first recorded in."""
    python = highlighted(PythonLexer(stripnl=False), program.python)
    rust = highlighted(RustLexer(stripnl=False), program.rust, notes=True)
    additions = 0
    for row in program.rows:
        left = right = ''
        if row.python:
            left = code(python[row.number - 1][0], indent(row.python))
        for at in row.rust:
            tokens, comment = rust[at]
            depth = indent(program.rust[at])
            if tokens or not comment:
                right += code(tokens, depth)
            if comment:
                right += f'<p class="note" style="--in:{depth}">{prose(comment)}</p>'

        if row.kind == 'addition':
            additions += 1
            name, label, step = f'{program.name}-plus-{additions}', '+', None
        else:
            name, label, step = f'{program.name}-{row.number}', row.number, first.get(row.number)
        middle = f'<a href="#{name}">{label}</a>'
        if step:
            middle += (f'<a class="step" href="#{program.name[:3]}-step-{step}" '
                       f'title="line {label}, step by step" aria-label="step {step}">▸</a>')
        yield (f'<div class="row {row.kind}" role="row" id="{name}" data-line="{label}">'
               f'<div class="python" role="cell">{left}</div>'
               f'<div class="number" role="rowheader">{middle}</div>'
               f'<div class="rust" role="cell">{right}</div></div>')


SECTION = Template('''
<section class="program" id="$name" aria-labelledby="$name-title">
<h2 id="$name-title">$title</h2>
<p class="about">$about</p>
<div class="conversation">
<figure class="diagram">$diagram
<figcaption>Each call leads to its line. $legend</figcaption></figure>
<div class="screens">
<figure class="screen"><figcaption>the client’s screen</figcaption><pre>$client</pre></figure>
<figure class="screen"><figcaption>the server’s screen</figcaption><pre>$server</pre></figure>
</div>
</div>
<div class="rows" role="table" aria-label="$name, line by line">
<div class="titles" role="row"><div role="columnheader">$python_file</div>\
<div role="columnheader" class="number">line</div><div role="columnheader">main.rs</div></div>
$rows
</div>
</section>''')


def screens(steps):
    """Both screens in the end, with what was typed in bold."""
    for side, state in steps[-1]['state'].items():
        text = escape(state['screen'], quote=False)
        yield side, re.sub(r'(?m)^(&gt; )(.+)$', r'\1<kbd>\2</kbd>', text)


def build(records, path):
    """Writes the page from its frame, its style, and its script."""
    programs = {name: Program(name) for name in PROGRAMS}
    sections = conversations = links = ''
    for protocol in 'tcp', 'udp':
        recording = json.loads(read(Path(records) / f'{protocol}-steps.json'))
        steps = Steps(recording, programs)
        links += f'<span>{protocol.upper()}'
        for side in 'server', 'client':
            name = f'{protocol}-{side}'
            program = programs[name]
            title, _, about = program.python[1].lstrip('# ').partition(': ')
            links += f' <a href="#{name}" aria-label="{title}">{side}</a>'
            sections += SECTION.substitute(
                name=name, title=escape(title), about=escape(about[:1].upper() + about[1:] + '.'),
                python_file=program.python_file, diagram=diagram(recording, name), legend=LEGEND,
                rows='\n'.join(rows_html(program, steps.first(side))),
                **dict(screens(steps.steps)))
        links += f' <a href="#{protocol}-steps" aria-label="{steps.title}">steps</a></span>'
        conversations += steps.section(diagram(recording))
    links += '<a href="#how-to-read">How to read</a>'
    text = Template(read(HERE / 'frame.html')).substitute(
        style=read(HERE / 'style.css'), script=read(HERE / 'player.js'), links=links,
        views=sections + conversations + guide(programs))
    Path(path).write_text(text, encoding='utf-8')


if __name__ == '__main__':
    try:
        build(*sys.argv[1:])
    except Untrue as wrong:
        sys.exit(f'side-by-side.sh: {wrong}')
    except KeyboardInterrupt:
        sys.exit(130)
