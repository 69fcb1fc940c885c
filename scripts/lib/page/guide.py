"""How to read the page: guide.md, and what README.md says of the numbers, as HTML."""
import re
from html import escape

from join import TOP, Untrue, read


def html(text):
    """Markdown as HTML: code and bold; a link is its text."""
    text = re.sub(r'\[([^]]*)\]\([^)]*\)', r'\1', escape(' '.join(text.split()), quote=False))
    return re.sub(r'\*\*(.*?)\*\*', r'<b>\1</b>', re.sub(r'`([^`]*)`', r'<code>\1</code>', text))


def place(programs, word, name, number):
    """Where a word of Rust stands: the address of that row on the page."""
    rows = programs[name].rows
    plus = [row for row in rows if row.kind == 'addition']
    for row in rows:
        tag = '+' if row in plus else str(row.number)
        if tag == number and any(word in programs[name].rust[at] for at in row.rust):
            return f'{name}-plus-{plus.index(row) + 1}' if row in plus else f'{name}-{number}'
    raise Untrue(f'guide.md: {name} has no {word} at line {number}')


def guide(programs):
    about, steps, table = re.search(r'(?s)# .*?\n\n(.*?)\n\n(.*?)\n\n## .*?---\|\n(.*)',
                                    read(TOP / 'scripts/lib/page/guide.md')).groups()
    tags, bullets = re.search(r'(?s)## How to read the numbers\n\n(.*?)\n\n.*?\n- (.*?)\n\n',
                              read(TOP / 'README.md')).groups()
    words = ''
    for row in table.splitlines():
        word, meaning, where = row.replace('\\|', '\0').strip('| ').split(' | ')
        word = word.replace('\0', '|').strip('`')
        words += (f'<tr><td><code>{escape(word)}</code></td><td>{html(meaning)}</td>'
                  f'<td><a href="#{place(programs, word, *where.split())}">{where}</a></td></tr>\n')
    return f'''
<section class="guide" id="how-to-read" aria-labelledby="how-to-read-title">
<h2 id="how-to-read-title">How to read this page</h2>
<p>{html(about)} {html(tags)}</p>
<ul><li>{"</li><li>".join(map(html, [steps, *bullets.split(chr(10) + '- ')]))}</li></ul>
<h3>Words of Rust for those who know Python</h3>
<table>
<thead><tr><th>Rust</th><th>what it does</th><th>for example</th></tr></thead>
<tbody>{words}</tbody>
</table>
</section>'''
