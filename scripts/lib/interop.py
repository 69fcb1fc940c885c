"""All eight pairings of Python and Rust: see interop.sh.

    interop.py FOLDER
"""
import os
import sys

import pair

# A line for every kind of text that Python takes; 997 bytes are the most that come back whole.
MESSAGES = ['hello', '  two  spaces\tand a tab ', 'Grüße ☃ 你好', '\r', 'x' * 997, '[']
PAIRINGS = [('python', 'python'), ('python', 'rust'), ('rust', 'python'), ('rust', 'rust')]
COLOUR = {'reference': 'dim', 'as Python': 'green', 'NOT as Python': 'red'}


def cell(text):
    return f'  {os.environ[COLOUR[text]]}{text:15}{os.environ["plain"]}'


def main():
    print(pair.title('Python and Rust, all eight pairings'))
    print(os.environ['bold'] + "      server  client    client's screen  server's screen"
          + os.environ['plain'])
    differences = []
    for protocol in 'tcp', 'udp':
        for pairing in PAIRINGS:
            came = pair.conversation(protocol, pairing, [*MESSAGES, ''], sys.argv[1])
            if pairing == PAIRINGS[0]:  # the measure itself: a stamped reply for every message
                pythons = came
                replies = ''.join(f'> [TIME] {line}\n' for line in MESSAGES) + '> '
                wrong = pair.difference(
                    f"{came['name']}: the client's screen", replies, came['screens']['client'],
                    f'one of the two halves; or main() in scripts/lib/{os.path.basename(__file__)}')
                if wrong:
                    sys.exit(wrong)
                cells = ['reference'] * 2
            else:
                wrong = pair.other_screens(protocol, pythons, came)
                differences += filter(None, wrong.values())
                cells = ['NOT as Python' if wrong[side] else 'as Python'
                         for side in ('client', 'server')]
            row = '{:6}{:8}{:8}'.format(protocol, *pairing) + ''.join(map(cell, cells))
            print(row.rstrip(), flush=True)
    if differences:
        sys.exit('\n'.join(differences))


pair.lead()
main()
