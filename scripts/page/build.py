"""Makes the page: all scenarios step by step, and the four programs.

    build.py PAGE TEXTS RECORDINGS

TEXTS is a file with all texts in one language, RECORDINGS one with a line of `play.sh --json` for
each scenario and protocol. It needs Pygments.
"""
import json
import sys
from html import escape
from pathlib import Path
from string import Template

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, RustLexer

FOLDER = Path(__file__).resolve().parent
sys.path.append(str(FOLDER.parent / 'lib'))   # for join
from join import PROGRAMS, Program, indent, read      # noqa: E402
from recordings import Steps, fix                                   # noqa: E402


# ── The programs, side by side ───────────────────────────────────────────────

def code(html, source):
    """A line of code; if it wraps, the rest is indented deeper."""
    return f'<code style="--in:{indent(source)}">{html or " "}</code>'


def coloured(lexer, lines):
    """The lines as HTML."""
    text = '\n'.join(lines) + '\n'
    return highlight(text, lexer(stripnl=False), HtmlFormatter(nowrap=True)).split('\n')


def rows(program):
    """Python, the line number, Rust."""
    python, rust = coloured(PythonLexer, program.python), coloured(RustLexer, program.rust)
    for at, row in enumerate(program.rows):
        kind, label, left = 'line', row.number, ''
        address = f'{program.name}-{row.number}'
        if row.python is None:
            kind, label, address = 'addition', '+', f'{address}-plus-{at}'
        else:
            left = code(python[row.number - 1], row.python)
        right = ''.join(code(rust[number], program.rust[number]) for number in row.rust)
        yield (f'<div class="row {kind}" role="row" id="{address}" data-line="{label}">'
               f'<div class="python" role="cell">{left}</div>'
               f'<div class="number" role="rowheader"><a href="#{address}">{label}</a></div>'
               f'<div class="rust" role="cell">{right}</div></div>')


def program_section(name, texts):
    program = Program(name)
    return Template('''
<section class="program" id="$name" aria-labelledby="$name-title">
<h2 id="$name-title">$title</h2>
<div class="rows" role="table" aria-label="$name">
<div class="titles" role="row"><div role="columnheader">$file</div>\
<div role="columnheader" class="number">$line</div><div role="columnheader">main.rs</div></div>
$rows
</div>
</section>''').substitute(name=name, title=escape(program.python[1].lstrip('# ')),
                          file=program.python_path.name, line=texts['line_column'],
                          rows='\n'.join(rows(program)))


# ── Hello, without scripts too ───────────────────────────────────────────────

def hello_section(recording, steps, texts):
    """The calls of both programs, the packets between them, and both outputs at the end."""
    screens = ''
    for who in 'client', 'server':
        states = [step['programs'][who] for step in recording['steps']
                  if who in step.get('programs', {})]
        screens += (f'<figure><figcaption>{texts["screen_of"].format(who=who)}</figcaption>'
                    f'<pre>{escape(states[-1]["screen"], quote=False)}</pre></figure>')
    rows = ''.join(sequence_row(steps.name, number, step)
                   for number, step in enumerate(steps.steps, 1) if 'call' in step)
    return Template('''
<section class="hello" id="hello-$protocol" aria-labelledby="hello-$protocol-title">
<h2 id="hello-$protocol-title">$title</h2><p>$lock_step</p>
<table class="sequence">
<thead><tr><th>client</th><th>$wire</th><th>server</th></tr></thead>
<tbody>$rows</tbody></table>
$screens
</section>''').substitute(protocol=steps.protocol, screens=screens, rows=rows, wire=texts['wire'],
                          title=escape(steps.full_title),
                          lock_step=texts['lock_step'] if steps.protocol == 'tcp' else '')


def sequence_row(name, number, step):
    """A call, in the column of its program, and its packets."""
    call = (f'<a href="#{name}-step-{number}">{step["line"]}</a> '
            + escape(step['caption' if step['event'] == 'waits' else 'call']))
    packets = ''
    for one in step.get('packets', []):
        arrow, kind = '→' if one['to'] == 'server' else '←', ' by-kernel' * ('kernel' in one)
        packets += (f'<p class="packet{kind}"><span class="what">{arrow} {one["flags"]} '
                    f'{escape(one.get("data", ""))}</span></p>')
    client, server = (call, '') if step['who'] == 'client' else ('', call)
    return f'<tr><td>{client}</td><td>{packets}</td><td>{server}</td></tr>\n'


# ── The question sheet ───────────────────────────────────────────────────────

def sheet(recorded):
    """A box for each scenario that has questions, the questions, and their answers."""
    parts = {'boxes': '', 'sheet_questions': '', 'sheet_answers': ''}
    for one in recorded:
        title, questions = escape(one.full_title), list(one.answers())
        if questions:
            checked = '' if parts['boxes'] else ' checked'
            parts['boxes'] += (f'<label><input type="checkbox" value="{one.name}"{checked}>'
                               f' {title}</label>')
        for question, answer in questions:
            item = f'<li data-scenario="{one.name}">'
            about = f'<span class="about">{title}:</span>'
            parts['sheet_questions'] += f'{item}{about} {escape(question)}</li>'
            parts['sheet_answers'] += f'{item}{escape(answer)}</li>'
    return parts


def definitions(pairs):
    return ''.join(f'<dt>{escape(word)}</dt><dd>{escape(text)}</dd>' for word, text in pairs)


def menu(recorded):
    """All scenarios, in the order of the class, each with its protocols."""
    return '\n'.join(f'<option value="{one.name}">{escape(one.full_title)}</option>'
                     for one in recorded)


def build(path, texts, recordings):
    texts, recordings = json.loads(read(texts)), list(map(fix, read(recordings).splitlines()))
    english = json.loads(read(FOLDER / 'en.json'))
    missing = {*english, *english['calls'], *english['waiting']} - {
        *texts, *texts['calls'], *texts['waiting']}
    if missing:
        sys.exit(f"the texts in {texts['lang']} lack {', '.join(missing)}")
    recorded = [Steps(recording, texts) for recording in recordings]
    hello = [hello_section(recording, steps, texts)
             for recording, steps in zip(recordings, recorded) if recording['name'] == 'hello']
    data = {'texts': texts, 'recordings': {one.name: one.data() for one in recorded}}
    data = json.dumps(data, ensure_ascii=False, separators=(',', ':')).replace('<', '\\u003c')
    texts = {name: escape(text) if isinstance(text, str) else text for name, text in texts.items()}
    page = Template(read(FOLDER / 'frame.html')).substitute(
        texts, style=read(FOLDER / 'style.css'), script=read(FOLDER / 'player.js'), data=data,
        menu=menu(recorded), **sheet(recorded), hello=''.join(hello),
        program_sections=''.join(program_section(name, texts) for name in PROGRAMS),
        how_paragraphs=''.join(f'<p>{escape(text)}</p>' for text in texts['how_to_read']),
        keys_list=definitions(texts['keys'].items()),
        words_list=definitions(texts['glossary'].items()))
    Path(path).write_text(page, encoding='utf-8')


if __name__ == '__main__':
    build(*sys.argv[1:])
