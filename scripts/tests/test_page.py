"""The pages in a Chromium without a window. PAGE names another page to be tested instead."""

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from stage.project import SCRIPTS

sync_api = pytest.importorskip('playwright.sync_api')
axe = pytest.importorskip('axe_playwright_python.sync_playwright')
expect = sync_api.expect

CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
if not CHROMIUM:
    pytest.skip('it needs chromium', allow_module_level=True)

OWN = os.environ.get('PAGE')
PAGES = [Path(OWN)] if OWN else sorted(SCRIPTS.glob('page*.html'))
SIDES = ['client', 'server']
WIDE, NARROW, A4 = (1280, 800), (390, 844), (703, 1000)
PROJECTOR = [(1280, 720), (1024, 576), (853, 480)]  # at 100, 125, 150 %

# What the tests ask in the page: what is wider than the window or its own box, or has type below 13
# pixels; what is seen of a step, and which lit lines are out of sight.
QUESTIONS = """
const box = one => one.getBoundingClientRect(), style = one => getComputedStyle(one);
const seen = selector => [...document.querySelectorAll(selector)].filter(
    one => one.getClientRects().length);
const texts = selector => seen(selector).map(one => one.textContent);
const type = one => parseFloat(style(one).fontSize);
const skipped = '.unseen, code span, .code .first[data-line="2"]';
const fits = () => seen('body *').filter(one => !one.closest(skipped)).flatMap(one => [
    (box(one).left < -0.5 || box(one).right > innerWidth + 0.5
        || !one.matches('select, .value') && one.clientWidth
        && one.scrollWidth > one.clientWidth + 1) && 'too wide',
    [...one.childNodes].some(node => (node.data || '').trim()) && type(one) < 12.9 && 'too small',
    ].filter(Boolean).map(what => `${one.className} ${one.textContent.slice(0, 60)}: ${what}`));
const out = (one, frame) => box(one).top < frame.top - 1 || box(one).bottom > frame.bottom + 1
    && box(one).height < frame.bottom - frame.top;
const look = () => ({
    out: seen('.lit').filter(one => out(one, box(one.parentNode))).map(one => one.textContent),
    caption: texts('#caption')[0], note: texts('#note')[0] || '',
    packets: texts('li.packet:not(.old) b'), new: seen('.kernel .new').length > 0,
    sides: ['client', 'server'].map(side => [
        texts(`.${side} .screen`)[0], [...new Set(texts(`.${side} .lit .at`))].join(''),
        seen(`.${side} .acts`).length > 0, texts(`.kernel.${side} .state, .kernel.${side} .mark`)]),
});"""


# ── A page, and a window that shows it ───────────────────────────────────────────────


class Page:
    """A finished page. Each window is a new one."""

    def __init__(self, path, browser):
        self.path, self.browser = path, browser
        self.url = path.resolve().as_uri()
        text = path.read_text('utf-8')
        data = re.search(r'id="data">(.*?)</script>', text)[1]
        self.data = json.loads(data)
        self.recordings = self.data['recordings']

    def open(self, size, view='', **more):
        """A new window; heard is what it asks of the network, and its errors."""
        self.heard = []
        self.tab = self.browser.new_page(
            viewport={'width': size[0], 'height': size[1]},
            is_mobile=size == NARROW,
            **more,
        )
        for what in 'request', 'pageerror':
            self.tab.on(what, self.hear)
        self.go(f'#{view}')
        return self.tab

    def hear(self, one):
        self.heard.append(getattr(one, 'url', str(one)))

    def go(self, view):
        self.tab.goto(self.url + view)

    def ask(self, question):
        return self.tab.evaluate(f'() => {{ {QUESTIONS} return {question}; }}')

    def press(self, key):
        """What is seen after a key."""
        self.tab.keyboard.press(key)
        return self.ask('look()')

    def is_at(self, view):
        expect(self.tab).to_have_url(self.url + view)

    def is_accessible(self):
        found = axe.Axe().run(self.tab).response['violations']
        assert [(one['help'], one['nodes'][0]['html']) for one in found] == []


@pytest.fixture(scope='module')
def browser():
    with sync_api.sync_playwright() as playwright:
        # The page is our own: no sandbox, which not every system gives.
        chromium = playwright.chromium
        yield chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])


@pytest.fixture(params=PAGES, ids=lambda path: path.name)
def page(request, browser):
    yield Page(request.param, browser)
    for context in browser.contexts:
        context.close()


# ── The tests ────────────────────────────────────────────────────────────────────────


def states(recording):
    """After each step, the program on each side, and the sockets."""
    programs = {side: {'who': side, 'screen': '', 'line': None} for side in SIDES}
    sockets = []
    for step in recording['steps']:
        sockets = step.get('sockets', sockets)
        side = step.get('side')
        if side:
            program = {**programs[side], **step.get('program', {})}
            programs = {**programs, side: program}
        yield programs, sockets


def marks_of(sockets):
    return [
        (one['side'], one['ports'], mark) for one in sockets for mark in one['marks']
    ]


def expected(page, recording):
    """What is to be seen at each stop."""
    label = page.data['texts']['screen_of']
    all_states, first, old_marks = list(states(recording)), 0, []
    for number in recording['stops']:
        steps = recording['steps'][first : number + 1]
        programs, sockets = all_states[number]
        marks = marks_of(sockets)
        sides = []
        for side, program in programs.items():
            line = program['line']
            sides.append(
                [
                    label.format(who=program['who']) + program['screen'],
                    str(line or ''),
                    bool(line) and steps[-1].get('side') == side,
                    [mark for its_side, _, mark in marks if its_side == side],
                ]
            )
        packets = [packet for step in steps for packet in step.get('packets', [])]
        yield {
            'out': [],
            'caption': steps[-1].get('label', '') + steps[-1]['caption'],
            'new': bool({*marks} - {*old_marks}),
            'packets': [packet['flags'] for packet in packets],
            'sides': sides,
        }
        first, old_marks = number + 1, marks


def test_each_stop_shows_what_was_recorded_there_and_back(page):
    tab = page.open(PROJECTOR[0], reduced_motion='reduce')
    for name, recording in page.recordings.items():
        page.go(f'#{name}-step-1')
        tab.locator('#questions').evaluate('one => { one.checked = false; }')
        others = recording['stops'][1:]
        there = [page.ask('look()')] + [page.press('PageDown') for _ in others]
        back = [page.press('PageUp') for _ in others]
        assert there[-2::-1] == back, name
        notes = [one.pop('note') for one in there]
        assert notes[-1] == recording['differs'], name
        assert there == list(expected(page, recording)), name


def test_a_question_stands_before_its_answer_and_one_switch_turns_them_off(page):
    tab = page.open(WIDE, 'hello-tcp-step-17')
    question = page.recordings['hello-tcp']['steps'][17]['asks']
    caption, count = tab.locator('#caption'), tab.locator('#count')
    size = 'type(seen("#caption")[0])'
    usual = page.ask(size)
    for key, at, is_question in [
        ('n', 17, True),
        ('PageUp', 17, False),
        ('ArrowRight', 17, True),
        ('PageDown', 18, False),
        ('PageUp', 17, False),
        ('q', 17, False),
        ('PageDown', 18, False),
    ]:
        tab.keyboard.press(key)
        expect(count).to_have_text(re.compile(str(at)))
        assert (caption.text_content() == question) == is_question, key
        assert (page.ask(size) > usual) == is_question, key


def test_keys_buttons_and_the_menu_lead_where_they_say(page):
    tab = page.open(WIDE, 'hello-tcp-step-1')
    hello, queue = page.recordings['hello-tcp'], page.recordings['queue-tcp']
    tab.keyboard.press('q')
    last, imports = len(hello['steps']), hello['stops'][0] + 1
    events = [number + 1 for number in hello['events']]
    assert len(events) in range(11, 17)
    for what, at in [
        ('ArrowRight', imports + 1),
        (' ', imports + 2),
        ('ArrowLeft', imports + 1),
        ('End', last),
        ('ArrowRight', last),
        ('PageUp', last - 1),
        ('Home', imports),
        ('ArrowUp', imports),
        ('n', events[0]),
        ('Control+ArrowRight', 9),
        ('#first', imports),
        ('#forward', imports + 1),
        ('#back', imports),
        ('#next', events[0]),
        ('#next', events[1]),
    ]:
        act = tab.click if what[0] == '#' else tab.keyboard.press
        act(what)
        page.is_at(f'#hello-tcp-step-{at}')
    tab.select_option('#scenario', 'queue-tcp')
    page.is_at(f'#queue-tcp-step-{queue["stops"][0] + 1}')


def test_one_language_is_shown_at_a_time(page):
    tab = page.open(WIDE, 'hello-tcp-step-1')
    tab.keyboard.press('l')
    assert page.ask('seen(".code .python").length') == 0
    tab.click('#language')
    assert page.ask('seen(".code .rust").length') == 0


def test_keys_and_words_are_explained(page):
    tab = page.open(WIDE, 'hello-tcp-step-18')
    for key, dialog in ('?', '#keys'), ('w', '#words'):
        tab.keyboard.press(key)
        expect(tab.locator(dialog)).to_be_visible()
        tab.keyboard.press('Escape')
    found = set(tab.locator('#stage abbr').all_text_contents())
    words = {'SYN', 'ACK', 'LISTEN', 'ESTABLISHED', 'queue'}
    assert words - found == ({'queue'} if 'zh' in page.url else set())
    assert tab.locator('#stage abbr:not([title])').count() == 0


def test_nothing_overflows(page):
    for size in [WIDE, NARROW, *PROJECTOR]:
        page.open(size, reduced_motion='reduce')
        for name, recording in page.recordings.items():
            page.go(f'#{name}-step-{len(recording["steps"])}')
            assert page.ask('fits()') == [], (name, size)
        left, right = page.ask('seen(".side").map(one => box(one).x)')
        assert (left < right) == (size != NARROW)
        if size in PROJECTOR:
            assert page.ask('box(seen("#stage")[0]).bottom') <= size[1] + 1


def test_links_land(page):
    tab = page.open(WIDE)
    get_links = 'all => all.map(a => a.getAttribute("href"))'
    links = set(tab.locator('a').evaluate_all(get_links))
    for link in links:
        page.go(link)
        _, is_step, step = link.rpartition('-step-')
        if is_step:
            count = re.compile(rf'\b{step}\b')
            expect(tab.locator('#count')).to_have_text(count)
        else:
            assert page.ask(f'!!document.querySelector("{link}")'), link
    assert len(links) > 100


def test_the_acting_line_is_told_by_more_than_a_tint_and_motion_can_be_reduced(page):
    for scheme, motion, scroll in [
        ('light', 'no-preference', 'smooth'),
        ('dark', 'reduce', 'auto'),
    ]:
        page.open(
            WIDE,
            'hello-tcp-step-18',
            color_scheme=scheme,
            reduced_motion=motion,
        )
        assert page.ask('style(seen(".code")[0]).scrollBehavior') == scroll
        acts, waits = page.ask("""[".acts", ".lit:not(.acts)"]
            .map(one => style(seen(one)[0]))
            .map(one => [one.fontWeight >= 700, one.borderLeftColor])""")
        assert acts[0] and not waits[0] and acts[1] != waits[1]


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_wrong_by_day_and_by_night(page, scheme):
    for size in WIDE, NARROW:
        for key in '', 'PageDown', 'w':
            tab = page.open(
                size,
                'hello-tcp-step-17',
                color_scheme=scheme,
                reduced_motion='reduce',
            )
            if key:
                tab.keyboard.press(key)
            page.is_accessible()


def test_programs_and_hello_are_shown_without_scripts_and_on_paper(page):
    hello = [page.recordings[f'hello-{one}']['steps'] for one in ('tcp', 'udp')]
    packets = [step.get('packets', []) for steps in hello for step in steps]
    for scripts, media in (False, 'screen'), (True, 'print'):
        tab = page.open(A4, color_scheme='dark', java_script_enabled=scripts)
        tab.emulate_media(media=media)
        sections = tab.locator('.program, .hello').filter(visible=True)
        expect(sections).to_have_count(6)
        seen = tab.locator('.sequence .packet').filter(visible=True)
        expect(seen).to_have_count(sum(map(len, packets)))
        rows = tab.locator('.sequence tbody tr')
        expect(rows.filter(visible=True)).to_have_count(rows.count())
        assert rows.count() > 60
        expect(tab.locator('#stage')).to_be_hidden()
    white = 'rgb(255, 255, 255)'
    expect(tab.locator('body')).to_have_css('background-color', white)
    assert [one for one in page.ask('fits()') if 'wide' in one] == []
    page.is_accessible()


def test_the_sheet_has_the_chosen_questions_and_their_answers_apart(page):
    tab = page.open(WIDE, 'sheet')
    tab.check('input[value="queue-tcp"]')
    chosen = [page.recordings[name]['steps'] for name in ('hello-tcp', 'queue-tcp')]
    count = sum(bool(step.get('asks')) for steps in chosen for step in steps)
    shown = tab.locator('#sheet li').filter(visible=True)
    expect(shown).to_have_count(count)
    tab.evaluate('document.body.classList.add("only-sheet")')
    tab.emulate_media(media='print')
    expect(shown).to_have_count(2 * count)
    expect(tab.locator('.program').first).to_be_hidden()


def test_it_needs_no_network_and_at_most_700_kib(page):
    page.open(WIDE)
    own = page.url, 'data:'
    assert [one for one in page.heard if not one.startswith(own)] == []
    text = page.path.read_text('utf-8')
    assert not re.search(r'(?:src|href)="(?!#|data:)|url\(|@import', text)
    assert page.path.stat().st_size <= 700 << 10
