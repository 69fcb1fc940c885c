"""Plays a scenario in several assignments of languages at the same time, and compares."""
import concurrent.futures
import itertools
import multiprocessing
import sys
import time

from play import Play, in_languages
from recording import Recording
from show import shorten

PATIENCE = 3        # seconds until a terminal shows that something is going on


def record(scenario, protocol):
    """Plays it in Python, and keeps the steps."""
    with Recording(scenario, protocol) as one:
        one.play()
        return {**results(one), 'steps': one.steps}


def play(scenario, protocol, languages, free=False):
    """Plays it in these languages; returns what is the same in all, the messages, the packets."""
    with Play(scenario, protocol, in_languages(protocol, languages), free=free) as one:
        one.play()
        return results(one)


def results(play):
    """What is the same in all languages, and the last message of each program."""
    return {'facts': play.facts(), 'packets': play.wire and play.wire.packets,
            'pcap': play.wire and play.wire.pcap,
            'messages': {one.name: play.masked(one.last_message()) for one in play.all}}


def together(*jobs):
    """Runs functions with their arguments in processes of their own, and waits for all. A terminal
    shows how long it takes."""
    context = multiprocessing.get_context('fork')
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        futures = [pool.submit(*job) for job in jobs]
        begin, shown = time.monotonic(), ''
        while sys.stderr.isatty() and concurrent.futures.wait(futures, PATIENCE).not_done:
            shown = f'playing … {time.monotonic() - begin:.0f} s'
            print(f'\r{shown}', end='', file=sys.stderr, flush=True)
        print('\r' + ' ' * len(shown) + '\r' if shown else '', end='', file=sys.stderr, flush=True)
        return [future.result() for future in futures]


def quoted(text):
    if text is None:
        return 'nothing'
    text = shorten(text)
    return repr(text) if len(text) < 50 else f'{text[:24]!r} … {text[-20:]!r}'


def first_difference(lines, others):
    """The number of the first line that differs, and both."""
    for number, (one, other) in enumerate(itertools.zip_longest(lines, others), 1):
        if one != other:
            return number, one, other
    return None


def differences(one, other, names=('in Python', 'in Rust')):
    """In words, how the second play differs from the first."""
    for kind, texts in one['facts'].items():
        for name, lines in texts.items():
            found = first_difference(lines, other['facts'][kind].get(name, []))
            if found:
                message = other['messages'].get(name.split(' that ')[0], '')
                yield sentence(kind, name, found, names, '' if 'warning:' in message else message)


def sentence(kind, name, found, names, message):
    number, one, other = found
    if kind == 'output':
        return (f'line {number} of the {name}: {quoted(one)} {names[0]}, '
                f'{quoted(other)} {names[1]}')
    if kind == 'packets':
        return f'packet {number}: {quoted(one)} {names[0]}, {quoted(other)} {names[1]}'
    return (f'the {name} {one or "does not start"} {names[0]}, and {other or "does not start"} '
            f'{names[1]}' + f' ({message})' * bool(message))
