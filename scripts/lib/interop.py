"""All eight pairings of Python and Rust: see interop.sh.

    interop.py FOLDER
"""
import os
import sys

import pair

# A line for every kind of text that Python takes; 997 bytes are the most that come back whole.
MESSAGES = ['hello', '  two  spaces\tand a tab ', 'Grüße ☃ 你好', '\r', 'x' * 997, '[']
PAIRINGS = [('python', 'python'), ('python', 'rust'), ('rust', 'python'), ('rust', 'rust')]
COLOUR = {'reference': 'dim', 'not seen': 'dim', 'as Python': 'green', 'NOT as Python': 'red'}


def cell(text):
    return f'  {os.environ[COLOUR[text]]}{text:15}{os.environ["plain"]}'


def main():
    print(pair.title('Python and Rust, all eight pairings'))
    print(os.environ['bold'] + "      server  client    client's screen  server's screen  packets"
          + os.environ['plain'])
    differences = []
    for protocol in 'tcp', 'udp':
        for pairing in PAIRINGS:
            came = pair.conversation(protocol, pairing, [*MESSAGES, ''], sys.argv[1],
                                     **pair.place(protocol))
            if pairing == PAIRINGS[0]:  # the measure itself: a stamped reply for every message
                pythons = came
                replies = ''.join(f'> [TIME] {line}\n' for line in MESSAGES) + '> '
                wrong = pair.difference(
                    f"{came['name']}: the client's screen", replies,
                    came['shown']["client's screen"], 'one half, or scripts/lib/interop.py')
                if wrong:
                    sys.exit(wrong)
            wrong = pair.differences(protocol, pythons, came)
            differences += filter(None, wrong.values())
            row = '{:6}{:8}{:8}'.format(protocol, *pairing)
            for what in "client's screen", "server's screen", 'packets':
                row += cell('not seen' if what not in wrong else
                            'reference' if came is pythons else
                            'NOT as Python' if wrong[what] else 'as Python')
            print(row.rstrip(), flush=True)
    if differences:
        sys.exit('\n'.join(differences))


pair.lead()
main()
