"""What play.sh does; its help says how it is used."""
import argparse
import itertools
import json
import os
import re
import sys
import textwrap

import show
from compare import differences, play, record, together
from programs import run
from scenario import ScenarioError, load, load_all

PROTOCOLS = 'tcp', 'udp'
FACTS = 'output', 'ends', 'packets'
NOT_SEEN = ('Packets were not seen: here the script gets no network namespace (Linux, unshare).')
LOCK_STEP = ('One program runs at a time here, so each ACK is a packet of its own. Otherwise there '
             'can be fewer packets: see play.sh --free.')
QUESTION = ('Here the programs ran as they liked, and Wireshark would show these {} packets. '
            'In lock step there are {}. Why does Wireshark show fewer?')


def arguments():
    parser = argparse.ArgumentParser('play.sh', add_help=False)
    for option in '--list', '--compare', '--free', '--json':
        parser.add_argument(option, action='store_true')
    parser.add_argument('--pcap', metavar='FILE')
    parser.add_argument('name', nargs='?', metavar='NAME|FILE')
    parser.add_argument('rest', nargs='*', metavar='tcp|udp|STEPS')
    given = parser.parse_args()
    given.way = show_comparison if given.compare else show_free if given.free else show_steps
    given.protocol = next(filter(PROTOCOLS.__contains__, given.rest), None)
    steps = ''.join(itertools.filterfalse(PROTOCOLS.__contains__, given.rest))
    found = re.fullmatch(r'(\d*)(-?)(\d*)', steps)      # 14, 14-30, 14- or nothing
    if not found:
        parser.error(f"'{steps}' is no protocol and no range of steps such as 14-30")
    first, dash, last = found.groups()
    given.first = int(first or 1)
    given.last = int(last or 9999) if dash or not first else given.first
    return given


def print_wrapped(text, indent=''):
    print(textwrap.fill(text, 80, initial_indent=indent, subsequent_indent=indent))


def print_list():
    for scenario in load_all():
        print(f"{scenario.name:15} {' '.join(scenario.protocols):8} {scenario.title}")


# ── Three ways to show a scenario: each returns the packets, and whether Rust differs ────────────

def show_steps(scenario, protocol, given):
    """Prints the steps, and how Rust differs."""
    recording, rust = together([record, scenario, protocol], [play, scenario, protocol, ['rust']])
    found = list(differences(recording, rust))
    if given.json:
        print(json.dumps({
            'name': scenario.name, 'about': scenario.about, 'protocol': protocol,
            'packets_seen': bool(recording['pcap']), 'steps': recording['steps'],
            'rust': found if protocol in scenario.rust_differs else []}))
        return recording['pcap'], found
    print(show.title(f'{scenario.title}, {protocol}'))
    show.show(recording['steps'], given.first, given.last)
    if given.last >= len(recording['steps']):
        if found and protocol in scenario.rust_differs:
            print('\nRust differs here:')
            print_wrapped('; '.join(found), '  ')
        if protocol == 'tcp' or not recording['pcap']:
            print()
            print_wrapped(LOCK_STEP if recording['pcap'] else NOT_SEEN)
    return recording['pcap'], found


def show_comparison(scenario, protocol, _):
    """Plays all assignments of languages: a row says what is as in Python. Each server has a
    language of its own, and all clients have another."""
    starts = [action.name.split()[0] for action in scenario.actions if action.verb == 'start']
    columns = ['server'] * starts.count('server') + ['client'] * ('client' in starts)
    assignments = list(itertools.product(('python', 'rust'), repeat=len(columns)))
    results = together(*([play, scenario, protocol, languages(starts, one)]
                         for one in assignments))
    print(show.title(f'{scenario.title}, {protocol}'))
    print(os.environ['BOLD'] + columns_of(columns, FACTS) + os.environ['PLAIN'])
    notes = {}
    for assignment, result in zip(assignments, results):
        notes.update(dict.fromkeys(differences(results[0], result)))
        print(columns_of(assignment, [cell(results[0], result, kind) for kind in FACTS]))
    for note in notes:
        print_wrapped(note, '  ')
    return results[0]['pcap'], list(notes)


def columns_of(names, facts):
    return ''.join([f'{name:9}' for name in names] + [f'{fact:11}' for fact in facts]).rstrip()


def languages(starts, assignment):
    """The language of each program that starts, in order."""
    servers = iter(assignment)
    return [next(servers) if side == 'server' else assignment[-1] for side in starts]


def cell(python, result, kind):
    """Whether facts of a kind are as in Python."""
    if not result['facts'][kind]:
        return 'not seen'
    if result['facts'][kind] != python['facts'][kind]:
        return 'differs'
    return 'reference' if result is python else 'as Python'


def show_free(scenario, protocol, _):
    """Lets the Python programs run as they like, and shows the packets in order."""
    free, lock_step = together([play, scenario, protocol, ['python'], True],
                               [play, scenario, protocol, ['python']])
    if free['packets'] is None:
        raise OSError(NOT_SEEN)
    print(show.title(f'{scenario.title}, {protocol}, without lock step'))
    for number, packet in enumerate(free['packets'], 1):
        line = show.packet_line({**packet, 'kernel': False})
        print(show.fill(line, f'{number:3} ', ' ' * 6))
    print()
    print_wrapped(QUESTION.format(len(free['packets']), len(lock_step['packets'])))
    return free['pcap'], None


def judge(scenario, protocol, found):
    """What is wrong if Rust differs and should not, or the other way round."""
    expected = protocol in scenario.rust_differs
    if found and not expected:
        yield (f'{scenario.name}, {protocol}: Rust is not as Python. {"; ".join(found)}. Edit '
               f'main.rs or the Python program in {protocol}-server or {protocol}-client')
    if found == [] and expected:
        yield f'{scenario.name}, {protocol}: the scenario says `rust differs`, but it does not'


def write_pcap(path, plays):
    if None in plays:
        raise OSError(NOT_SEEN)
    from wire import PCAP_HEAD
    with open(path, 'wb') as file:
        file.write(PCAP_HEAD + b''.join(itertools.chain(*plays)))


def main(*_):
    given = arguments()
    if given.list or not given.name:
        print_list()
        return 0
    scenario = load(given.name)
    protocols = [one for one in scenario.protocols if given.protocol in (None, one)]
    if not protocols:
        raise ScenarioError(f'{scenario.name} is only for {scenario.protocols[0]}')
    plays, found = zip(*(given.way(scenario, protocol, given) for protocol in protocols))
    if given.pcap:
        write_pcap(given.pcap, plays)
    wrong = list(itertools.chain(*map(judge, itertools.repeat(scenario), protocols, found)))
    for text in wrong:
        print(textwrap.fill(f'play.sh: {text}', 80, subsequent_indent='  ', break_on_hyphens=False),
              file=sys.stderr if given.json else sys.stdout)
    return int(bool(wrong))


if __name__ == '__main__':
    run(main)
