"""Makes the page: all scenarios step by step, the four programs, and documents. It needs Pygments."""

import json
import re
from html import escape
from pathlib import Path
from string import Template

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer, RustLexer

from stage.model import states
from stage.page.story import Story
from stage.page.views import NAMES, View
from stage.project import PROGRAMS, digest
from stage.scenario import FOLDER as SCENARIOS
from stage.scenario import VERBS, WITHOUT_ACTION, load_all, matching
from stage.tags import Program, indent

FOLDER = Path(__file__).resolve().parent


def read(name):
    return (FOLDER / name).read_text('utf-8')


# ── The programs, side by side ───────────────────────────────────────────────────────


def coloured(lexer, lines):
    """The lines as HTML. If a line wraps, its rest is indented deeper."""
    text = '\n'.join(lines) + '\n'
    html = highlight(text, lexer(stripnl=False), HtmlFormatter(nowrap=True))
    # Some versions of Pygments escape quotes, others do not.
    html = html.replace('&#39;', "'").replace('&quot;', '"')
    return [
        f'<code style="--in:{indent(line) + 2}ch">{code or " "}</code>'
        for line, code in zip(lines, html.split('\n'))
    ]


def rows(program):
    """Python, the line number, Rust."""
    python = coloured(PythonLexer, program.python)
    rust = coloured(RustLexer, program.rust)
    for at, row in enumerate(program.rows):
        kind, label, left = 'addition', '+', ''
        address = f'{program.name}-{row.number}'
        if row.python is None:
            address += f'-plus-{at}'
        else:
            kind, label, left = 'line', row.number, python[row.number - 1]
        right = ''.join(rust[one] for one in row.rust)
        yield f"""\
<div class="row {kind}" role="row" id="{address}" data-line="{label}">\
<div class="python" role="cell">{left}</div>\
<div class="number" role="rowheader"><a href="#{address}">{label}</a></div>\
<div class="rust" role="cell">{right}</div></div>
"""


def program_section(name, words):
    program = Program(name)
    comments = words.texts['comments']
    for lines in program.python, program.rust:
        lines[:] = [
            re.sub('(?<=(?:#|/|!) ).*', lambda own: comments.get(own[0], own[0]), line)
            for line in lines
        ]
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


def sequence(story):
    """Each call, in the column of its program, and its packets."""
    for number, step in enumerate(story.recording.steps, 1):
        if not step.call:
            continue
        data, packets = story.steps[number - 1], ''
        what = escape(data['caption'] if step.event == 'waits' else step.call)
        call = f'<a href="#{story.name}-step-{number}">{step.line}</a> {what}'
        for packet in data.get('packets', ()):
            text = escape('{arrow} {flags} {data}'.format(**packet))
            packets += f"""\
<p class="packet by-{packet['by']}"><span class="what">{text}</span></p>"""
        client, server = (call, '') if step.who == 'client' else ('', call)
        yield f'<tr><td>{client}</td><td>{packets}</td><td>{server}</td></tr>\n'


def screens(story):
    """What both terminals show at the end."""
    *_, (programs, _) = states(story.recording.steps)
    for who in 'client', 'server':
        title = story.words('page', 'screen_of', who=who)
        screen = escape(programs[who].screen)
        yield f'<figure><figcaption>{title}</figcaption><pre>{screen}</pre></figure>'


def hello_section(story):
    """The calls of both programs, the packets between them, and both outputs at the end."""
    words, name = story.words, story.name
    lock_step = words('page', 'lock_step') if name == 'hello-tcp' else ''
    return f"""
<section class="hello" id="{name}-calls" aria-labelledby="{name}-title">
<h2 id="{name}-title">{escape(story.title)}</h2><p>{lock_step}</p>
<table class="sequence">
<thead><tr><th>{words('page', 'client')}</th><th>{words('page', 'wire')}</th>\
<th>{words('page', 'server')}</th></tr></thead>
<tbody>{''.join(sequence(story))}</tbody></table>
{''.join(screens(story))}
</section>"""


# ── The question sheet ───────────────────────────────────────────────────────────────


def sheet(stories, words):
    """A box for each scenario that has questions, the questions, and their answers."""
    boxes = questions = answers = ''
    for story in stories:
        item, title = f'<li class="{story.name}">', escape(story.title)
        if story.sheet:
            checked = '' if boxes else ' checked'
            box = f'<input type="checkbox" value="{story.name}"{checked}>'
            boxes += f'<label>{box} {title}</label>'
        for question, answer, code in story.sheet:
            lines = '\n'.join(
                f'{who} {line:2}  {source.strip()}' for who, line, source in code
            )
            questions += (
                f'{item}<span class="about">{words("page", "who", who=title)}</span>'
            )
            questions += escape(question)
            questions += f'<pre>{escape(lines)}</pre>' if lines else ''
            questions += '<hr><hr><hr></li>'  # to write on
            answers += f'{item}{escape(answer)}</li>'
    return {'boxes': boxes, 'sheet_questions': questions, 'sheet_answers': answers}


# ── A scenario of one's own ──────────────────────────────────────────────────────────


def copies(words):
    """Our scenarios, without what is said about them: it would not be true of another one."""
    for scenario in load_all():
        title = words.about(scenario.name, scenario.about)[0]
        lines = (SCENARIOS / f'{scenario.name}.txt').read_text('utf-8').splitlines()
        said = 'about', 'ask', 'answer', 'begin', 'differs'
        actions = [line for line in lines if line and matching(line)[0] not in said]
        yield f'<option value="{escape(chr(10).join(actions))}">{escape(title)}'


def grammar(words):
    """Each line that a scenario may have, and what it means."""
    for verb, (_, line) in {**VERBS, **WITHOUT_ACTION}.items():
        meaning = escape(words('lines', verb))
        yield f'<li><button type="button">{escape(line)}</button> {meaning}</li>'


# ── The documents ────────────────────────────────────────────────────────────────────


def documents(stories, words):
    """The documents, each with a way back to the steps; and the words that the guide explains, each
    with the id of the heading."""
    names = {'own', *(one.name for one in stories)}
    views = [View(name, words, names) for name in NAMES]
    sections = [
        f"""
<section class="view" id="{view.name}" aria-labelledby="{view.name}-title">
<p class="back"><a href="#stage">{words('page', 'to_steps')}</a></p>
{view.html}</section>"""
        for view in views
    ]
    places = views[0].places
    known = [word for word in words.texts['glossary'] if word.lower() in places]
    return ''.join(sections), {word: places[word.lower()] for word in known}


# ── All of it ────────────────────────────────────────────────────────────────────────

SIDE = """\
<div class="side {0}"><pre class="screen" tabindex="0" role="group"></pre>
<div class="code" tabindex="0" role="group"></div>
<div class="kernel {0}" tabindex="0" role="group" aria-label="{1}"><b>{1}</b></div>
</div>"""


def dialog(name, title, texts, words, places=()):
    """A window above the page that says what keys or words mean, and leads to where they are
    explained."""
    meanings = ''
    for word, text in words.texts[texts].items():
        term = escape(word)
        if word in places:
            term = f'<a href="#{places[word]}">{term}</a>'
        meanings += f'<dt>{term}</dt><dd>{escape(text)}</dd>'
    return f"""
<dialog id="{name}" aria-labelledby="{name}-title">
<form method="dialog"><button class="close">{words('page', 'close')}</button></form>
<h2 id="{name}-title">{words('page', title)}</h2><dl>{meanings}</dl></dialog>"""


def data(stories, words, places):
    """All that the script shows, as JSON that can stand in HTML."""
    glossary = words.texts['glossary']
    texts = {**words.texts['page'], 'glossary': glossary, 'places': places}
    texts['between'] = words('between', 'names')
    recordings = {story.name: story.data for story in stories}
    text = json.dumps(
        {'texts': texts, 'recordings': recordings},
        ensure_ascii=False,
        separators=(',', ':'),
    )
    return text.replace('<', '\\u003c')


def page(recordings, words) -> str:
    """The page of recordings, in the order of the menu."""
    stories = [Story(one, words) for one in recordings]
    menu = [f'<option value="{one.name}">{escape(one.title)}' for one in stories]
    hello = [hello_section(one) for one in stories if one.recording.name == 'hello']
    how = [f'<p>{escape(text)}</p>' for text in words.texts['how_to_read']]
    programs = [program_section(name, words) for name in PROGRAMS]
    views, places = documents(stories, words)
    client, server = (
        SIDE.format(who, words('page', 'kernel_of', who=who))
        for who in ('client', 'server')
    )
    return Template(read('frame.html')).substitute(
        {name: escape(text) for name, text in words.texts['page'].items()},
        **sheet(stories, words),
        lang=words.language,
        programs_now=digest(),
        copies='\n'.join(copies(words)),
        grammar='\n'.join(grammar(words)),
        style=read('style.css'),
        script=read('player.js'),
        data=data(stories, words, places),
        menu='\n'.join(menu),
        client_side=client,
        server_side=server,
        hello=''.join(hello),
        program_sections=''.join(programs),
        views=views,
        how_paragraphs=''.join(how),
        keys_dialog=dialog('keys', 'help', 'keys', words),
        words_dialog=dialog('words', 'words', 'glossary', words, places),
        tokens_dialog=dialog('tokens', 'tokens', 'rust', words),
    )
