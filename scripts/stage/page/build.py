"""Makes the page: all scenarios step by step, and the four programs. It needs Pygments."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from string import Template

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, RustLexer

from stage.model import Recording
from stage.page.story import Moment, Story
from stage.project import PROGRAMS
from stage.tags import Program, indent
from stage.words import Words, arrow, readable

FOLDER = Path(__file__).resolve().parent


def read(name):
    return (FOLDER / name).read_text(encoding='utf-8')


# ── The programs, side by side ───────────────────────────────────────────────────────


def code(html, source):
    """A line of code; if it wraps, the rest is indented deeper."""
    return f'<code style="--in:{indent(source)}">{html or " "}</code>'


def coloured(lexer, lines):
    """The lines as HTML."""
    text = '\n'.join(lines) + '\n'
    html = highlight(text, lexer(stripnl=False), HtmlFormatter(nowrap=True))
    # Some versions of Pygments escape quotes, others do not.
    html = html.replace('&#39;', "'").replace('&quot;', '"')
    return html.split('\n')


def rows(program: Program):
    """Python, the line number, Rust."""
    python = coloured(PythonLexer, program.python)
    rust = coloured(RustLexer, program.rust)
    for at, row in enumerate(program.rows):
        kind, label, left = 'line', str(row.number), ''
        address = f'{program.name}-{row.number}'
        if row.python is None:
            kind, label = 'addition', '+'
            address += f'-plus-{at}'
        else:
            left = code(python[row.number - 1], row.python)
        right = ''.join(code(rust[one], program.rust[one]) for one in row.rust)
        yield (
            f'<div class="row {kind}" role="row" id="{address}" data-line="{label}">'
            f'<div class="python" role="cell">{left}</div>'
            f'<div class="number" role="rowheader"><a href="#{address}">{label}</a></div>'
            f'<div class="rust" role="cell">{right}</div></div>\n'
        )


def program_section(name, words: Words):
    program = Program(name)
    title = escape(program.python[1].lstrip('# '))
    python, rust = program.python_path.name, program.rust_path.name
    line = words('page', 'line_column')
    return f"""
<section class="program" id="{name}" aria-labelledby="{name}-title">
<h2 id="{name}-title">{title}</h2>
<div class="rows" role="table" aria-label="{name}">
<div class="titles" role="row"><div role="columnheader">{python}</div>\
<div role="columnheader" class="number">{line}</div>\
<div role="columnheader">{rust}</div></div>
{''.join(rows(program))}</div>
</section>"""


# ── Hello, without scripts too ───────────────────────────────────────────────────────


def hello_section(story: Story):
    """The calls of both programs, the packets between them, and both outputs at the end."""
    words, protocol = story.words, story.recording.protocol
    screens = ''
    for who in 'client', 'server':
        title = words('page', 'screen_of', who=who)
        screen = escape(story.moments[-1].programs[who].screen, quote=False)
        screens += (
            f'<figure><figcaption>{title}</figcaption><pre>{screen}</pre></figure>'
        )
    calls = [
        sequence_row(story, number, one)
        for number, one in enumerate(story.moments, 1)
        if one.step.call
    ]
    lock_step = words('page', 'lock_step') if protocol == 'tcp' else ''
    return f"""
<section class="hello" id="hello-{protocol}" aria-labelledby="hello-{protocol}-title">
<h2 id="hello-{protocol}-title">{escape(story.title)}</h2><p>{lock_step}</p>
<table class="sequence">
<thead><tr><th>client</th><th>{words('page', 'wire')}</th><th>server</th></tr></thead>
<tbody>{''.join(calls)}</tbody></table>
{screens}
</section>"""


def sequence_row(story: Story, number, one: Moment):
    """A call, in the column of its program, and its packets."""
    step, packets = one.step, ''
    what = escape(story.caption(one) if step.event == 'waits' else str(step.call))
    call = f'<a href="#{story.name}-step-{number}">{step.line}</a> {what}'
    for packet in step.packets:
        kind = 'packet by-kernel' if packet.by == 'kernel' else 'packet'
        flags, data = story.words.flags(packet), escape(readable(packet.data))
        text = f'{arrow(packet)} {flags} {data}'
        packets += f'<p class="{kind}"><span class="what">{text}</span></p>'
    client, server = (call, '') if step.who == 'client' else ('', call)
    return f'<tr><td>{client}</td><td>{packets}</td><td>{server}</td></tr>\n'


# ── The question sheet ───────────────────────────────────────────────────────────────


def sheet(stories: list[Story]):
    """A box for each scenario that has questions, the questions, and their answers."""
    boxes = questions = answers = ''
    for story in stories:
        title = escape(story.title)
        item = f'<li data-scenario="{story.name}">'
        asked = [one for one in story.moments if one.step.questions]
        if asked:
            checked = '' if boxes else ' checked'
            box = f'<input type="checkbox" value="{story.name}"{checked}>'
            boxes += f'<label>{box} {title}</label>'
        for one in asked:
            answer = escape(story.answer(one))
            for question in map(escape, story.questions(one)):
                about = f'<span class="about">{title}:</span>'
                questions += f'{item}{about} {question}</li>'
                answers += f'{item}{answer}</li>'
    return {'boxes': boxes, 'sheet_questions': questions, 'sheet_answers': answers}


# ── All of it ────────────────────────────────────────────────────────────────────────


def definitions(texts):
    return ''.join(
        f'<dt>{escape(word)}</dt><dd>{escape(text)}</dd>'
        for word, text in texts.items()
    )


def for_script(stories: list[Story], words: Words):
    """All that the script shows, as JSON that can stand in HTML."""
    data = {
        'texts': {**words.texts['page'], 'glossary': words.texts['glossary']},
        'recordings': {story.name: story.data() for story in stories},
    }
    text = json.dumps(data, ensure_ascii=False, separators=(',', ':'))
    return text.replace('<', '\\u003c')


def page(recordings: list[Recording], words: Words) -> str:
    """The page of recordings, in the order of the menu."""
    stories = [Story(one, words) for one in recordings]
    menu = [
        f'<option value="{story.name}">{escape(story.title)}</option>'
        for story in stories
    ]
    hello = [hello_section(one) for one in stories if one.recording.name == 'hello']
    how = [f'<p>{escape(text)}</p>' for text in words.texts['how_to_read']]
    programs = [program_section(name, words) for name in PROGRAMS]
    texts = words.texts['page']
    return Template(read('frame.html')).substitute(
        {name: escape(text) for name, text in texts.items()},
        **sheet(stories),
        lang=words.language,
        style=read('style.css'),
        script=read('player.js'),
        data=for_script(stories, words),
        menu='\n'.join(menu),
        hello=''.join(hello),
        program_sections=''.join(programs),
        how_paragraphs=''.join(how),
        keys_list=definitions(words.texts['keys']),
        words_list=definitions(words.texts['glossary']),
    )
