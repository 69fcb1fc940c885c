"""Documents of the project as views of the page, made from their Markdown. It needs markdown-it-py."""

import re
from os.path import normpath, relpath
from urllib.parse import quote

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

from stage.docs import anchors, original
from stage.project import PROGRAMS, SCRIPTS, TOP

NAMES = 'guide', 'exercises', 'problems', 'rust'

# Files that are in the page, each with its id there.
IDS = {
    SCRIPTS / 'page.html': 'stage',
    **{TOP / f'docs/{name}.md': name for name in NAMES},
    **{one.path: name for name, both in PROGRAMS.items() for one in both},
}


def coloured(text, language, _):
    return highlight(text, get_lexer_by_name(language), HtmlFormatter(nowrap=True))


def become(token, html):
    token.type, token.content = 'html_inline', html


class View:
    """A document. `places` has the words of its headings, and those that it defines (in bold letters),
    each with the id of the heading."""

    def __init__(self, name, words, recordings):
        self.name, self.recordings, self.places = name, recordings, {}
        self.note = words('page', 'in_project')
        language = '' if words.language == 'en' else words.language
        self.path = TOP / 'docs' / language / f'{name}.md'
        # A document in another language begins with a link to the original.
        text = re.sub(r'(?m)^\[English\].*', '', self.path.read_text('utf-8'))
        markdown = MarkdownIt('js-default', {'highlight': coloured})
        markdown.normalizeLink = str  # a heading's name stays as it is
        tokens = markdown.parse(text)
        self.change(tokens)
        html = markdown.renderer.render(tokens, markdown.options, {})
        # What is wider than the window is scrolled, with keys too. A corner is no heading.
        html = html.replace('<pre>', '<pre tabindex="0">')
        self.html = html.replace('<th></th>', '<td></td>')

    def change(self, tokens):
        """Headings get ids, and stand below the page's own; links lead into the page."""
        ids, heading = anchors(self.path), ''
        for token, following in zip(tokens, [*tokens[1:], None]):
            if token.type.startswith('heading'):
                token.tag = f'h{int(token.tag[1]) + 1}'
            if token.type == 'heading_open':
                anchor = next(ids)
                heading = f'{self.name}-{anchor if heading else "title"}'
                token.attrs['id'] = heading
                for word in re.findall(r'[\w-]+', following.content):
                    self.places.setdefault(word.lower(), heading)
            elif token.type == 'inline':
                self.change_line(token.children, heading)

    def change_line(self, tokens, heading):
        note = ''  # instead of the end of a link
        for token, following in zip(tokens, [*tokens[1:], None]):
            if token.type == 'strong_open':
                self.places.setdefault(following.content.lower(), heading)
            elif token.type == 'image':
                picture = self.path.parent / token.attrs['src']
                data = quote(picture.read_text('utf-8'), safe=' /:;,=()')
                token.attrs['src'] = f'data:image/svg+xml,{data}'
            elif token.type == 'link_open':
                note = self.change_link(token)
            elif token.type == 'link_close' and note:
                become(token, note)

    def change_link(self, token):
        """Makes it lead into the page. If it cannot, it becomes text, and the note that is to follow is
        returned."""
        link = token.attrs['href']
        if re.match('[a-z]+:', link):
            return ''
        file, _, anchor = link.partition('#')
        path = normpath(self.path.parent / file if file else self.path)
        one = IDS.get(original(path))
        if one == 'stage' and anchor:
            one = anchor.partition('-step-')[0] in self.recordings and anchor
        elif one and anchor:
            one += f'-{anchor}'
        if one:
            token.attrs['href'] = f'#{one}'
            return ''
        become(token, '')
        return f' <small title="{self.note}">[{relpath(path, TOP)}]</small>'
