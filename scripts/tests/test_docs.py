"""The pages that people read are true: see stage/docs.py."""

import re

import pytest

from stage import docs
from stage.project import TOP

LEAST = {'README.md': 2, 'docs/cases.md': 27, 'scripts/scenarios/README.md': 1}
NAMES = [str(path.relative_to(TOP)) for path in docs.PAGES]
TRANSLATED = [name for name in NAMES if docs.is_translation(TOP / name)]
RECORDED = [
    pytest.param(*one, id=f'{name}: {one[0].strip().splitlines()[-1]}')
    for name in sorted({*NAMES} - {*TRANSLATED})
    for one in docs.recorded(TOP / name)
]


@pytest.mark.parametrize('commands, text', RECORDED)
def test_a_command_prints_what_is_recorded(commands, text):
    """After a change: scripts/update.sh."""
    assert docs.changes(text, docs.run(commands)) == []


@pytest.mark.parametrize('name', LEAST)
def test_recordings_are_found(name):
    assert len(docs.FENCED.findall((TOP / name).read_text('utf-8'))) >= LEAST[name]


@pytest.mark.parametrize('name', NAMES)
def test_each_link_leads_somewhere(name):
    assert list(docs.broken_links(TOP / name)) == []


@pytest.mark.parametrize('name', TRANSLATED)
def test_a_translation_says_the_same(name):
    assert list(docs.translated_wrong(TOP / name)) == []


def test_the_table_of_methods_names_the_lines():
    assert list(docs.wrong_methods(TOP / 'common/methods.md')) == []


PAIRS = """\
x × 997 ≠ x × 996
connect 127.0.0.1:40123: no ≠ connect 127.0.0.2:40123: no
from: ('127.0.0.1', 54962) ≈ from: ('127.0.0.1', 44962)
from: ('127.0.0.1', 54962) 1 ≠ from: ('127.0.0.1', 44962) 2
addr = ('127.0.0.1', 21567) ≠ addr = ('127.0.0.1', 44962)
[Sun Nov  1 09:05:03 2026] hi ≈ [Mon Nov 23 19:05:04 2026] hi"""


@pytest.mark.parametrize('pair', PAIRS.splitlines())
def test_only_times_and_ports_may_differ(pair):
    one, sign, other = re.split(' ([≈≠]) ', pair)
    assert (docs.masked(one) == docs.masked(other)) == (sign == '≈')
