"""What page.sh does; its help says how it is used."""

import argparse
import importlib.util
import sys

from stage import network
from stage.commands.play import judge
from stage.compare import both, recording, together
from stage.model import Problem, ScenarioError
from stage.project import SCRIPTS, TOP
from stage.scenario import load, load_all
from stage.words import words

PAGES = {'en': SCRIPTS / 'page.html', 'zh-CN': SCRIPTS / 'page.zh-CN.html'}
OWN_PAGES = {one: TOP / 'target' / path.name for one, path in PAGES.items()}


def check(needs_packets):
    """Whether all is there that is needed."""
    if not all(map(importlib.util.find_spec, ('pygments', 'markdown_it'))):
        raise Problem('no Pygments', python=sys.executable)
    if needs_packets and not network.is_own():
        raise network.not_seen('no packets')


def play(scenarios):
    """The recordings of scenarios, and what is wrong with them."""
    plays = [[both, one, protocol] for one in scenarios for protocol in one.protocols]
    recordings, wrong, shown = [], [], {}
    for (_, scenario, protocol), played in zip(plays, together(*plays, workers=3)):
        recordings.append(recording(scenario, protocol, played))
        shown.setdefault(scenario, {})[protocol] = played[0], recordings[-1].differences
    for scenario, found in shown.items():
        wrong += judge(scenario, found)
    return recordings, wrong


def main(*_):
    """Makes the pages. A program that was changed may differ: status 1."""
    parser = argparse.ArgumentParser('page.sh', add_help=False)
    parser.add_argument('--without-packets', action='store_true')
    parser.add_argument('names', nargs='*', metavar='FILE|NAME')
    given = parser.parse_args()
    check(not given.without_packets)
    from stage.page.build import page  # it needs what was checked

    try:
        recordings, wrong = play(list(map(load, given.names)) or load_all())
    except ScenarioError as error:
        wrong = [error]
    for problem in wrong:
        print(f'page.sh: {words().problem(problem)}', file=sys.stderr)
    if any(problem.status > bool(given.names) for problem in wrong):
        raise Problem('scenario failed')
    for language, path in (OWN_PAGES if given.names else PAGES).items():
        path.parent.mkdir(exist_ok=True)
        text = page(recordings, words(language))
        path.write_text(text, encoding='utf-8', errors='replace')
        print(path)
