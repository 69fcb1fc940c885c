"""A line of code, coloured by Pygments, as HTML."""
import re
from html import escape

from join import Untrue
from pygments.token import Comment, Keyword, Literal, Name, Number, String


def highlighted(lexer, lines, notes=False):
    """Highlights lines of code; returns for each its tokens as (class, text),
    without the indent, and its comment where comments are notes."""
    colours = [(Comment.Preproc, 'f'), (Comment, 'c'), (String, 's'), (Number, 'm'),
               (Literal, 'm'), (Keyword, 'k'), (Name.Function, 'f')]
    done, tokens, comment = [], [], ''
    for token, text in lexer.get_tokens('\n'.join(lines) + '\n'):
        colour = next((colour for kind, colour in colours if token in kind), '')
        for part in re.split(r'(\n)', text):
            if part == '\n':
                while tokens and not tokens[-1][1].strip():
                    tokens.pop()
                done.append((tokens, comment))
                tokens, comment = [], ''
            elif notes and token in Comment.Single:
                comment += part
            elif part and (tokens or part.strip()):
                tokens.append((colour, part if tokens else part.lstrip()))
    if len(done) != len(lines):
        raise Untrue('Pygments returned another number of lines')
    return done


def html(tokens):
    """Tokens as HTML. A long line breaks at spaces, behind brackets and before
    a method of a result; in a small window also before other methods."""
    done, before, depth, end = '', '', 0, ''
    for colour, text in tokens:
        if text == '.' and before[-1:] in list(')?') and depth == 0:
            done += end + '<wbr><span class="call">'
            end = '</span>'
        elif text == '.':
            done += '<wbr class="small">'
        elif before[-1:] in list('([') and text[0] not in ')]':
            done += '<wbr>'
        if not colour:
            depth += sum(text.count(one) for one in '([{') - sum(text.count(one) for one in ')]}')
        part = escape(text)
        if colour == 'c':       # the sign does not stand alone at the end of a line
            part = re.sub(r'^\S+ \S+', r'<span class="whole">\g<0></span>', part)
        if colour == 's' and re.search(r'\w-\w', text) and ' ' not in text:
            colour += ' whole'  # utf-8 is one word
        done += f'<i class="{colour}">{part}</i>' if colour else part
        before = text
    return done + end


def code(tokens, depth):
    """A line of code, which wraps with the rest hanging deeper. Its indent and
    first word stay together, and a small window halves the indent."""
    (colour, text), rest = (tokens or [('', '')])[0], tokens[1:]
    word, space, more = text.partition(' ')
    return (f'<code class="src" style="--in:{depth}"><span class="whole">'
            f'<span class="indent">{" " * depth}</span>{html([(colour, word)])}</span>'
            f'{html([(colour, space + more)] * bool(space) + rest)}</code>')


def prose(comment):
    """A comment as a note: without its slashes, code between backquotes."""
    text = escape(comment.lstrip('/').strip(), quote=False)
    return re.sub(r'`([^`]+)`', r'<code>\1</code>', text)
