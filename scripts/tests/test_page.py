"""The pages in a Chromium without a window."""

import json
import re
import shutil

import pytest

from stage.project import SCRIPTS

sync_api = pytest.importorskip('playwright.sync_api')
axe = pytest.importorskip('axe_playwright_python.sync_playwright')
expect = sync_api.expect

CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
pytestmark = pytest.mark.skipif(not CHROMIUM, reason='it needs chromium')
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


class Page:
    """A finished page. Each window is a new one."""

    def __init__(self, path, browser):
        self.path, self.browser, self.url = path, browser, path.as_uri()
        self.text = path.read_text('utf-8')
        data = json.loads(re.search(r'id="data">(.*?)</script>', self.text)[1])
        self.screen_of = data['texts']['screen_of']
        self.recordings = data['recordings']

    def open(self, size=WIDE, view='', **more):
        """A new window; heard is what it asks of the network, and its errors."""
        self.heard = []
        viewport = {'width': size[0], 'height': size[1]}
        is_mobile = size == NARROW
        self.tab = self.browser.new_page(viewport=viewport, is_mobile=is_mobile, **more)
        self.tab.on('request', lambda request: self.heard.append(request.url))
        self.tab.on('pageerror', lambda error: self.heard.append(str(error)))
        self.go(f'#{view}')
        return self.tab

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

    def count(self, selector):
        """How many are to be seen."""
        return self.tab.locator(selector).filter(visible=True).count()

    def is_accessible(self):
        found = axe.Axe().run(self.tab).response['violations']
        assert [(one['help'], one['nodes'][0]['html']) for one in found] == []


@pytest.fixture(scope='module')
def browser():
    with sync_api.sync_playwright() as playwright:
        # The page is our own: no sandbox, which not every system gives.
        chromium = playwright.chromium
        yield chromium.launch(executable_path=CHROMIUM, args=['--no-sandbox'])


@pytest.fixture(params=sorted(SCRIPTS.glob('page*.html')), ids=lambda path: path.name)
def page(request, browser):
    yield Page(request.param, browser)
    for context in browser.contexts:
        context.close()


def side_of(page, program, acts, marks):
    """What is to be seen of one side."""
    line, who = program['line'], program['who']
    screen = page.screen_of.format(who=who) + program['screen']
    its_marks = [mark for side, _, mark in marks if side == program['side']]
    return [screen, str(line or ''), bool(line) and acts == program['side'], its_marks]


def expected(page, recording):
    """What is to be seen at each stop."""
    programs = {
        side: {'side': side, 'who': side, 'screen': '', 'line': None}
        for side in ('client', 'server')
    }
    sockets, packets, old_marks = [], [], []
    for number, step in enumerate(recording['steps']):
        acts = step.get('side')
        sockets = step.get('sockets', sockets)
        packets += [packet['flags'] for packet in step.get('packets', [])]
        programs.get(acts, {}).update(step.get('program', {}))
        if number not in recording['stops']:
            continue
        marks = [
            (one['side'], one['ports'], mark)
            for one in sockets
            for mark in one['marks']
        ]
        yield {
            'out': [],
            'caption': step.get('label', '') + step['caption'],
            'new': bool({*marks} - {*old_marks}),
            'packets': packets,
            'sides': [side_of(page, one, acts, marks) for one in programs.values()],
        }
        packets, old_marks = [], marks


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
    tab = page.open(view='hello-tcp-step-17')
    question = page.recordings['hello-tcp']['steps'][17]['asks']
    size = 'type(seen("#caption")[0])'
    usual = page.ask(size)
    keys = (
        'n 17 ?, PageUp 17, ArrowRight 17 ?, PageDown 18, PageUp 17, q 17, PageDown 18'
    )
    for row in keys.split(', '):
        key, at, *is_question = row.split()
        tab.keyboard.press(key)
        expect(tab.locator('#count')).to_have_text(re.compile(at))
        is_asked = tab.locator('#caption').text_content() == question
        assert is_asked == (page.ask(size) > usual) == bool(is_question), row


def test_keys_buttons_and_the_menu_lead_where_they_say(page):
    tab = page.open(view='hello-tcp-step-1')
    hello, queue = page.recordings['hello-tcp'], page.recordings['queue-tcp']
    tab.keyboard.press('q')
    last, imports = len(hello['steps']), hello['stops'][0] + 1
    event, next_event, *more = [number + 1 for number in hello['events']]
    assert len(more) in range(9, 15)
    places = {'second': imports + 1, 'third': imports + 2, 'before': last - 1}
    places.update(first=imports, last=last, event=event, next=next_event)
    for row in (
        'ArrowRight second, Space third, ArrowLeft second, End last, ArrowRight last, '
        'PageUp before, Home first, ArrowUp first, n event, Control+ArrowRight event, '
        '#first first, #forward second, #back first, #next event, #next next'
    ).split(', '):
        what, place = row.split()
        act = tab.click if what[0] == '#' else tab.keyboard.press
        act(what)
        page.is_at(f'#hello-tcp-step-{places[place]}')
    tab.select_option('#scenario', 'queue-tcp')
    page.is_at(f'#queue-tcp-step-{queue["stops"][0] + 1}')


def test_one_language_is_shown_at_a_time(page):
    page.open(view='hello-tcp-step-1').keyboard.press('l')
    assert page.count('.code .python') == 0
    page.tab.click('#language')
    assert page.count('.code .rust') == 0


def test_keys_and_words_are_explained(page):
    tab = page.open(view='hello-tcp-step-18')
    for key, dialog in ('?', '#keys'), ('w', '#words'):
        tab.keyboard.press(key)
        expect(tab.locator(dialog)).to_be_visible()
        tab.keyboard.press('Escape')
    words = {'SYN', 'ACK', 'LISTEN', 'ESTABLISHED', 'queue'}
    words -= {'queue'} if 'zh' in page.url else set()
    assert words <= {*tab.locator('#stage abbr').all_text_contents()}
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
    tab = page.open()
    get_links = 'all => all.map(a => a.getAttribute("href"))'
    links = {*tab.locator('a').evaluate_all(get_links)}
    for link in links:
        page.go(link)
        _, is_step, step = link.rpartition('-step-')
        if is_step:
            expect(tab.locator('#count')).to_have_text(re.compile(rf'\b{step}\b'))
        else:
            assert page.ask(f'!!document.querySelector("{link}")'), link
    assert len(links) > 100


def test_the_acting_line_is_told_by_more_than_a_tint_and_motion_can_be_reduced(page):
    step = 'hello-tcp-step-18'
    page.open(view=step, reduced_motion='no-preference')
    scroll = 'style(seen(".code")[0]).scrollBehavior'
    assert page.ask(scroll) == 'smooth'
    for scheme in 'light', 'dark':
        page.open(view=step, color_scheme=scheme, reduced_motion='reduce')
        assert page.ask(scroll) == 'auto'
        acts, waits = page.ask("""[".acts", ".lit:not(.acts)"]
            .map(one => style(seen(one)[0]))
            .map(one => [one.fontWeight >= 700, one.borderLeftColor])""")
        assert acts[0] and not waits[0] and acts[1] != waits[1]


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_wrong_by_day_and_by_night(page, scheme):
    for size in WIDE, NARROW:
        for key in 'Shift', 'PageDown', 'w':
            options = {'color_scheme': scheme, 'reduced_motion': 'reduce'}
            page.open(size, 'hello-tcp-step-17', **options).keyboard.press(key)
            page.is_accessible()


def test_programs_and_hello_are_shown_without_scripts_and_on_paper(page):
    hello = [page.recordings[f'hello-{one}']['steps'] for one in ('tcp', 'udp')]
    packets = [len(step.get('packets', [])) for steps in hello for step in steps]
    for scripts, media in (False, 'screen'), (True, 'print'):
        tab = page.open(A4, color_scheme='dark', java_script_enabled=scripts)
        tab.emulate_media(media=media)
        assert page.count('.program, .hello') == 6
        assert page.count('.sequence .packet') == sum(packets)
        rows = '.sequence tbody tr'
        assert page.count(rows) == tab.locator(rows).count() > 60
        assert page.count('#stage') == 0
    white = 'rgb(255, 255, 255)'
    expect(tab.locator('body')).to_have_css('background-color', white)
    assert [one for one in page.ask('fits()') if 'wide' in one] == []
    page.is_accessible()


def test_the_sheet_has_the_chosen_questions_and_their_answers_apart(page):
    tab = page.open(view='sheet')
    tab.check('input[value="queue-tcp"]')
    steps = [page.recordings[name]['steps'] for name in ('hello-tcp', 'queue-tcp')]
    asked = sum(bool(step.get('asks')) for step in [*steps[0], *steps[1]])
    assert page.count('#sheet li') == asked
    tab.evaluate('document.body.classList.add("only-sheet")')
    tab.emulate_media(media='print')
    assert page.count('#sheet li') == 2 * asked
    assert page.count('.program') == 0


def test_it_needs_no_network_and_at_most_700_kib(page):
    page.open()
    assert [one for one in page.heard if not one.startswith((page.url, 'data:'))] == []
    assert not re.search(r'(?:src|href)="(?!#|data:)|url\(|@import', page.text)
    assert page.path.stat().st_size <= 700 << 10
