"""The page: all four programs, each with its diagram, its screens and its rows,
and both pairs step by step."""
from html import escape
from pathlib import Path
from string import Template

from drawing import diagram
from join import PROGRAMS, Program, indent, read
from listing import code, highlighted, prose
from pygments.lexers import PythonLexer, RustLexer
from screens import record
from steps import Steps

HERE = Path(__file__).resolve().parent


def rows_html(program, first):
    """The rows; first is the step that each line is first recorded in."""
    python = highlighted(PythonLexer(stripnl=False), program.python)
    rust = highlighted(RustLexer(stripnl=False), program.rust, notes=True)
    seen = {}
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

        name, label = f'{program.name}-{row.number}', str(row.number)
        if row.kind == 'addition':
            seen[name] = seen.get(name, 0) + 1
            name, label = f'{name}-plus-{seen[name]}', '+'
        if label == '+':
            middle = f'<a href="#{name}" title="only in Rust">+</a>'
            opening = f'<div class="row addition" role="row" id="{name}">'
        else:
            middle = f'<a href="#{name}">{label}</a>'
            if row.number in first:
                step = first[row.number]
                middle += (f'<a class="step" href="#{program.name[:3]}-step-{step}" '
                           f'title="line {label}, step by step" aria-label="step {step}">▸</a>')
            opening = f'<div class="row line" role="row" id="{name}" data-line="{label}">'
        yield (f'{opening}<div class="python" role="cell">{left}</div>'
               f'<div class="number" role="rowheader">{middle}</div>'
               f'<div class="rust" role="cell">{right}</div></div>')


SECTION = Template('''
<section class="program" id="$name" aria-labelledby="$name-title">
<h2 id="$name-title">$title</h2>
<p class="about">$about</p>
<div class="conversation">
<figure class="diagram">$diagram
<figcaption>Each call leads to its line. A thick line waits.</figcaption></figure>
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


def page(records, path):
    """Writes the page from its template, its style, and its script."""
    programs = {name: Program(name) for name in PROGRAMS}
    screens = {protocol: record(protocol, records) for protocol in ('tcp', 'udp')}
    steps = {protocol: Steps(protocol, records, programs) for protocol in ('tcp', 'udp')}
    views, sections = [(name, name) for name in programs], ''
    for name, program in programs.items():
        title, _, about = program.python[1].lstrip('# ').partition(': ')
        sections += SECTION.substitute(
            name=name, title=escape(title), about=escape(about[:1].upper() + about[1:] + '.'),
            python_file=program.python_file, diagram=diagram(name[:3], programs, name),
            rows='\n'.join(rows_html(program, steps[name[:3]].first(name[4:]))),
            **screens[name[:3]])
    for protocol, recording in steps.items():
        views.append((f'{protocol}-steps', recording.title))
        sections += recording.section(diagram(protocol, programs, steps=recording))
    parts = {
        'style': read(HERE / 'page.css'),
        'links': ''.join(
            f'<a href="#{address}">{title}</a>' for address, title in views),
        'views': sections,
        'script': read(HERE / 'page.js'),
    }
    text = Template(read(HERE / 'page.html')).substitute(parts)
    Path(path).write_text(text, encoding='utf-8')
