"""Compares the system calls of two traces and prints them in two columns:
syscalls.py PYTHON_TRACE RUST_TRACE WIDTH ADDITION

Marked "+": the ADDITION, the beginning of a call that Rust makes once and Python
does not, such as "setsockopt(3, SOL_SOCKET, SO_REUSEADDR, ", or ''. Marked "-":
the getsockname that Python makes right after accept4. Any other call that only
one side has is marked "!", and so is one with other arguments; then the exit
status is 1.

Compared is the whole text of a call, with what it returns, but for: the stamps,
which become [TIME]; the ports, which become PORT1 and PORT2 in their order;
pointers; [128 => 16], a buffer's length before and after the call, which becomes
[16]; and MSG_NOSIGNAL. The columns show an address in a shorter form.
"""
import difflib
import re
import signal
import sys
import textwrap

from mask import ports_masked, stamps_masked


def calls(path):
    with open(path, encoding='utf-8', errors='surrogateescape') as file:
        text = file.read()
    text = stamps_masked(text)
    text = ports_masked(text, r'(htons\()(\d+)(\))')
    text = re.sub(r'\b0x[0-9a-f]+\b', 'POINTER', text)
    text = re.sub(r'\[\d+ => (\d+)\]', r'[\1]', text)
    text = re.sub(r'\bMSG_NOSIGNAL\|', '', text)
    text = re.sub(r'\bMSG_NOSIGNAL\b', '0', text)
    text = re.sub(r'\) +=', ') =', text)
    lines = text.splitlines()
    return [line.rstrip() for line in lines if line[:3] not in ('---', '+++')]


def compared(python, rust, addition):
    """Rows of a mark, Python's call and Rust's; either may be missing: ''."""
    added = next((n for n, call in enumerate(rust)
                  if addition and call.startswith(addition)), None)
    own = {n for n, call in enumerate(python) if call.startswith('getsockname(')
           and n and python[n - 1].startswith('accept4(')}
    rows = []
    matcher = difflib.SequenceMatcher(None, python, rust, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        for n in range(max(b - a, d - c)):
            one, other = ''.join(python[a:b][n:n + 1]), ''.join(rust[c:d][n:n + 1])
            mark = ' ' if kind == 'equal' else '!'
            if not one and c + n == added:
                mark = '+'
            elif not other and a + n in own:
                mark = '-'
            rows.append((mark, one, other))
    return rows


def shown(call, width):
    call = re.sub(r'\{sa_family=AF_INET, sin_port=htons\((\w+)\), '
                  r'sin_addr=inet_addr\("([\d.]+)"\)\}', r'\2:\1', call)
    if call.endswith(','):
        call += ' (waits)'
    return textwrap.wrap(call, width, subsequent_indent='  ') or ['']


def main():
    python, rust, width, addition = sys.argv[1:]
    python, rust = calls(python), calls(rust)
    if not python:
        sys.exit('the trace of Python is empty')
    rows = compared(python, rust, addition)
    column = (int(width) - 3) // 2
    for mark, one, other in rows:
        left, right = shown(one, column), shown(other, column)
        for n in range(max(len(left), len(right))):
            cells = (''.join(side[n:n + 1]) for side in (left, right))
            sign = ' ' if n else mark
            one, other = cells
            print(f'{one:{column}} {sign} {other}'.rstrip())
    if any(mark == '!' for mark, _, _ in rows):
        sys.exit(1)


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # for `| head`
    main()
