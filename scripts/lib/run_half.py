"""Runs a Python half on another address: run_half.py FILE PORT [HOST]

The halves take no arguments and keep the constants of the originals. So the
text 21567 becomes PORT here, and the host becomes HOST (127.0.0.1 unless
given), as the file is loaded; every line keeps its number.
"""
import re
import sys

if len(sys.argv) not in (3, 4):
    sys.exit(__doc__)
path, port = sys.argv[1:3]
host = sys.argv[3] if len(sys.argv) == 4 else '127.0.0.1'
with open(path, encoding='utf-8') as file:
    text = file.read().replace('21567', port)
text = re.sub(r"(?m)^HOST = '.*?'", f'HOST = {host!r}', text)
exec(compile(text, path, 'exec'), {'__name__': '__main__'})
