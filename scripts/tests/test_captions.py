"""Each caption is true for the packets and sockets of its step, in each scenario.

They are read from the page, which scripts/page.sh makes of what it has recorded.
"""

import re

import pytest

from stage.project import SCRIPTS
from trees import data_of

# What a caption says, and the facts that it needs or must not have, as patterns; # is in both.
CLAIMS = """
imports and constants ⇐ nothing happens
the condition is checked ⇐ nothing happens
the loop ends ⇐ nothing happens
print: a line of output ⇐ nothing happens, another screen
input returns a line of # characters ⇐ typed #
input returns an empty line ⇐ typed 0
input waits for the keyboard ⇐ a prompt
socket: the kernel has made a socket ⇐ has .*(no port yet|UDP), not sends .*
bind: the socket has port # ⇐ has :# (bound|UDP), not sends .*
listen: from now on the kernel completes connections ⇐ has .* LISTEN, not sends .*
connect returns: the two kernels have shaken hands ⇐ has .* ESTABLISHED, got SYN
connect waits: the SYN gets no answer ⇐ has .* SYN-SENT, not got SYN
accept returns a connection from the queue ⇐ took 1 in the queue
accept waits for a connection ⇐ has 0 in the queue, took 0 in the queue
send returns: its kernel has taken # bytes ⇐ sent # bytes
sendto returns: its kernel has sent # bytes ⇐ sent # bytes
recv returns # bytes ⇐ took # unread
recv returns no bytes: the end of the stream ⇐ took 0 unread, got FIN
recv waits for data ⇐ took 0 unread, not sends .*
recvfrom returns a datagram of # bytes ⇐ took # unread
recvfrom returns the first 1024 bytes of a datagram of #; the others are discarded ⇐ took # unread
recvfrom waits for a datagram ⇐ has 0 unread, took 0 unread
close: the program is done with the socket ⇐ not sends .*
close: its kernel sends FIN ⇐ sends FIN
close: its kernel sends RST, because there are unread bytes ⇐ sends RST, had [1-9].* unread
the program exits ⇐ not shows .*Err.*
the program exits with error # ⇐ shows #
# raises .*: .* ⇐ sent 0 bytes
"""
ROWS = [row.split(' ⇐ ') for row in CLAIMS.strip().splitlines()]
RECORDINGS = data_of(SCRIPTS / 'page.html')['recordings']


def own(step, several, **wanted):
    """The sockets or packets of the program that does a step. A server has those of all clients."""
    who = re.match('[^,:]*', step['label'])[0]
    if 'client' in who:
        wanted['client'] = who * (' ' in who)
    return [one for one in several if wanted.items() <= one.items()]


def total(pattern, several):
    return sum(map(int, re.findall(pattern, str(several))))


def of_sockets(step, before, after):
    """Facts about the program's sockets."""
    before, after = (own(step, one, side=step['side']) for one in (before, after))
    for one in after:
        yield f'has {one["ports"]} {one["marks"][0]}'
    for what in 'unread', 'in the queue':
        had, has = (total(rf'(\d+)[ a-z]* {what}', one) for one in (before, after))
        yield from (
            f'had {had} {what}',
            f'has {has} {what}',
            f'took {had - has} {what}',
        )


def of_packets(step, packets):
    """Facts about the packets that the program has sent in this step, or has got up to now."""
    to_it, from_it = '→←' if step['side'] == 'server' else '←→'
    sent = own(step, step.get('packets', []), arrow=from_it, by='program')
    yield f'sent {total("length ([0-9]+)", [one["numbers"] for one in sent])} bytes'
    yield from (f'sends {flag}' for one in sent for flag in one['flags'].split(', '))
    for one in own(step, packets, arrow=to_it):
        if 'lost' not in one:
            yield from (f'got {flag}' for flag in one['flags'].split(', '))


def of_screen(step, screen):
    """Facts about what the program has printed. The page counts a long run of a character."""
    if 'screen' in step['programs'][step['side']]:
        yield 'another screen'
    yield from (f'shows {word}' for word in re.findall(r'\w+', screen))
    line = screen[:-1].rsplit('> ')[-1]
    text = re.sub(r'(.) × (\d+)', lambda run: run[1] * int(run[2]), line)
    yield 'a prompt' if screen.endswith('> ') else f'typed {len(text)}'


def is_true(caption, facts):
    """Whether a caption is one of those above, and true."""
    for claim, needed in ROWS:
        match = re.fullmatch(claim.replace('#', '(.*)'), caption)
        if match:
            *_, number = '', *match.groups()
            rows = re.findall('(not )?(.+?)(?:, |$)', needed.replace('#', number))
            return all(
                bool(re.search(f'(?m)^{fact}$', facts)) != bool(no) for no, fact in rows
            )
    return False


@pytest.mark.parametrize('name', RECORDINGS)
def test_each_caption_is_true(name):
    before, packets, screens, wrong = [], [], {}, []
    for number, step in enumerate(RECORDINGS[name]['steps'], 1):
        after = step.get('sockets', before)
        packets += step.get('packets', [])
        for side, news in step.get('programs', {}).items():
            screens[side] = news.get('screen', screens.get(side))
        # What happens to somebody is a line of the scenario, and has no label.
        if 'label' in step:
            facts = [
                *of_sockets(step, before, after),
                *of_packets(step, packets),
                *of_screen(step, screens[step['side']]),
                'nothing happens' if before == after and 'packets' not in step else '',
            ]
            if not is_true(step['caption'], '\n'.join(facts)):
                wrong.append(f'step {number}: {step["caption"]}')
        before = after
    assert wrong == []
