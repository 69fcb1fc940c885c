"""What page.sh does; its help says how it is used."""

from __future__ import annotations

import argparse
import importlib.util
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from stage import network
from stage.commands.play import judge
from stage.compare import both, record, recording, together
from stage.model import Problem, Recording, ScenarioError
from stage.page.diagram import diagram
from stage.project import PROTOCOLS, SCRIPTS, TOP
from stage.scenario import Scenario, load, load_all
from stage.words import words

AT_A_TIME = 3  # plays
PAGES = {'en': SCRIPTS / 'page.html', 'zh-CN': SCRIPTS / 'page.zh-CN.html'}
OWN_PAGE = {'en': TOP / 'target/page.html'}


def arguments():
    parser = argparse.ArgumentParser('page.sh', add_help=False)
    parser.add_argument('--without-packets', action='store_true')
    parser.add_argument('--diagram', choices=PROTOCOLS)
    parser.add_argument('names', nargs='*', metavar='FILE|NAME')
    return parser.parse_args()


def check(given):
    """Whether all is there that is needed."""
    if not importlib.util.find_spec('pygments'):
        raise Problem('no Pygments', python=sys.executable)
    if not network.is_own() and not given.without_packets:
        command = os.environ.get('AS_ROOT')
        key = 'no packets without root' if command else 'no packets'
        raise Problem(key, command=command)


def play(scenarios: list[Scenario]):
    """The recordings of scenarios, and what is wrong with them."""
    plays = [(one, protocol) for one in scenarios for protocol in one.protocols]
    context = multiprocessing.get_context('fork')
    with ProcessPoolExecutor(AT_A_TIME, context) as pool:
        results = list(pool.map(both, *zip(*plays)))
    recordings: list[Recording] = []
    shown: dict = {one.name: {} for one in scenarios}
    for (scenario, protocol), result in zip(plays, results):
        one = recording(scenario, protocol, result)
        recordings.append(one)
        shown[scenario.name][protocol] = result[0], one.differences
    wrong = [problem for one in scenarios for problem in judge(one, shown[one.name])]
    return recordings, wrong


def make(given: argparse.Namespace) -> None:
    """Makes the pages. A program that was changed may differ: status 1."""
    from stage.page.build import page  # it needs Pygments

    recordings: list[Recording] = []
    try:
        scenarios = list(map(load, given.names)) or load_all()
        recordings, wrong = play(scenarios)
    except ScenarioError as error:
        wrong = [error]
    for problem in wrong:
        text = words().problem(problem)
        print(f'page.sh: {text}', file=sys.stderr)
    allowed = bool(given.names)
    if any(problem.status > allowed for problem in wrong):
        raise Problem('scenario failed')
    pages = OWN_PAGE if given.names else PAGES
    for language, path in pages.items():
        path.parent.mkdir(exist_ok=True)
        text = page(recordings, words(language))
        path.write_text(text, encoding='utf-8', errors='replace')
        print(path)


def main(*_: str) -> int:
    given = arguments()
    if given.diagram:
        name = (given.names or ['hello'])[0]
        [result] = together([record, load(name), given.diagram])
        print(diagram(given.diagram, result.steps), end='')
    else:
        check(given)
        make(given)
    return 0
