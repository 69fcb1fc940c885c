"""What page.sh does; its help says how it is used."""

import argparse
import importlib.util
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from stage import network
from stage.commands.play import judge
from stage.compare import both, recording
from stage.model import Problem, ScenarioError
from stage.project import SCRIPTS, TOP
from stage.scenario import load, load_all
from stage.words import words

AT_A_TIME = 3  # plays
PAGES = {'en': SCRIPTS / 'page.html', 'zh-CN': SCRIPTS / 'page.zh-CN.html'}
OWN_PAGES = {one: TOP / 'target' / path.name for one, path in PAGES.items()}


def arguments():
    parser = argparse.ArgumentParser('page.sh', add_help=False)
    parser.add_argument('--without-packets', action='store_true')
    parser.add_argument('names', nargs='*', metavar='FILE|NAME')
    return parser.parse_args()


def check(given):
    """Whether all is there that is needed."""
    if not all(map(importlib.util.find_spec, ('pygments', 'markdown_it'))):
        raise Problem('no Pygments', python=sys.executable)
    if not network.is_own() and not given.without_packets:
        command = os.environ.get('AS_ROOT')
        key = 'no packets without root' if command else 'no packets'
        raise Problem(key, command=command)


def play(scenarios):
    """The recordings of scenarios, and what is wrong with them."""
    plays = [(one, protocol) for one in scenarios for protocol in one.protocols]
    context = multiprocessing.get_context('fork')
    with ProcessPoolExecutor(AT_A_TIME, context) as pool:
        results = pool.map(both, *zip(*plays))
    recordings, wrong = [], []
    for scenario in scenarios:
        shown = {}
        for protocol, result in zip(scenario.protocols, results):
            one = recording(scenario, protocol, result)
            recordings.append(one)
            shown[protocol] = result[0], one.differences
        wrong += judge(scenario, shown)
    return recordings, wrong


def make(names):
    """Makes the pages. A program that was changed may differ: status 1."""
    from stage.page.build import page  # it needs what was checked

    try:
        recordings, wrong = play(list(map(load, names)) or load_all())
    except ScenarioError as error:
        wrong = [error]
    for problem in wrong:
        print(f'page.sh: {words().problem(problem)}', file=sys.stderr)
    if any(problem.status > bool(names) for problem in wrong):
        raise Problem('scenario failed')
    pages = OWN_PAGES if names else PAGES
    for language, path in pages.items():
        path.parent.mkdir(exist_ok=True)
        text = page(recordings, words(language))
        path.write_text(text, encoding='utf-8', errors='replace')
        print(path)


def main(*_):
    given = arguments()
    check(given)
    make(given.names)
    return 0
