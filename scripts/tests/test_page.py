"""The pages in a Chromium without a window, and in WebKit, which is Safari's engine."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stage.project import SCRIPTS
from stage.words import words

sync_api = pytest.importorskip('playwright.sync_api')
axe = pytest.importorskip('axe_playwright_python.sync_playwright')
expect = sync_api.expect

CHROMIUM = shutil.which('chromium') or shutil.which('google-chrome')
pytestmark = pytest.mark.skipif(not CHROMIUM, reason='it needs chromium')
WIDE, NARROW, A4 = (1280, 800), (390, 844), (703, 1000)
PROJECTOR = [(1280, 720), (1024, 576), (853, 480)]  # at 100, 125, 150 %
FROM_THE_LAST_ROW = [(1280, 720), (1600, 900), (1920, 1080)]

# What the tests ask in the page: what is wider than the window or its own box, or has type below 13
# pixels; what is seen of a step, and which lit lines are out of sight.
QUESTIONS = """
const box = one => one.getBoundingClientRect(), style = one => getComputedStyle(one);
const seen = selector => [...document.querySelectorAll(selector)].filter(
    one => one.getClientRects().length);
const texts = selector => seen(selector).map(one => one.textContent);
const type = one => parseFloat(style(one).fontSize);
const skipped = '.unseen, code span, .code .first[data-line="2"], .view pre *';
const fits = () => seen('body *').filter(one => !one.closest(skipped)).flatMap(one => [
    (box(one).left < -0.5 || box(one).right > innerWidth + 0.5
        || !one.matches('select, .value, .view pre') && one.clientWidth
        && one.scrollWidth > one.clientWidth + 1) && 'too wide',
    [...one.childNodes].some(node => (node.data || '').trim()) && type(one) < 12.9 && 'too small',
    ].filter(Boolean).map(what => `${one.className} ${one.textContent.slice(0, 60)}: ${what}`));
const out = (one, frame) => box(one).top < frame.top - 1 || box(one).bottom > frame.bottom + 1
    && box(one).height < frame.bottom - frame.top;
const look = () => ({
    out: seen('.lit').filter(one => out(one, box(one.parentNode))).map(one => one.textContent),
    caption: texts('#caption')[0], note: texts('#note')[0] || '',
    answer: texts('#answer')[0] || '',
    packets: texts('li.packet:not(.old)'), new: seen('.kernel .new').length > 0,
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
        self.texts, self.recordings = data['texts'], data['recordings']
        self.titles = dict(re.findall(r'<option value="(.*?)">(.*)', self.text))

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

    def name(self, who):
        return re.sub(r'^\w+', lambda side: self.texts[side[0]], who)

    def before(self, who):
        """What stands before what is said of somebody."""
        return self.texts['who'].format(who=who)

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


def side_of(page, side, program, acts, sockets):
    """What is to be seen of one side. Of many sockets those with the same marks stand together."""
    line = program['line']
    screen = page.texts['screen_of'].format(who=page.name(program['who']))
    if program['status'] and not line:
        screen = page.before(screen) + page.texts[program['status']]
    marks = [tuple(one['marks']) for one in sockets if one['side'] == side]
    marks = sum(dict.fromkeys(marks) if len(marks) > 3 else marks, ())
    is_lit = bool(line) and acts == side
    return [screen + program['screen'], str(line or ''), is_lit, [*marks]]


def text_of(page, packet):
    """A packet as it is read aloud."""
    client = packet['client'] and page.before(page.name(packet['client']))
    text = '{arrow} {client_}{flags} {numbers} {data} '.format(client_=client, **packet)
    by_kernel = f' {page.texts["by_kernel"]}' if packet['by'] == 'kernel' else ''
    return text + packet.get('notes', '') + by_kernel + packet.get('lost', '')


def expected(page, name):
    """What is to be seen at each stop, without questions."""
    recording = page.recordings[name]
    programs = {
        side: {'who': side, 'screen': '', 'line': None, 'status': ''}
        for side in ('client', 'server')
    }
    sockets, packets, old_marks = [], [], set()
    for number in range(-1, len(recording['steps'])):
        title = {'caption': page.titles[name]}
        step = recording['steps'][number] if number >= 0 else title
        acts = step.get('side')
        sockets = step.get('sockets', sockets)
        packets += [text_of(page, one) for one in step.get('packets', [])]
        for side, news in step.get('programs', {}).items():
            programs[side].update(news)
        if number not in recording['stops']:
            continue
        marks = {
            (one['side'], one['client'], one['ports'], mark)
            for one in sockets
            for mark in one['marks']
        }
        sides = [side_of(page, *one, acts, sockets) for one in programs.items()]
        yield {
            'out': [],
            'caption': step.get('label', '') + step['caption'],
            'answer': '',
            'new': bool(marks - old_marks),
            'packets': packets,
            'sides': sides,
        }
        packets, old_marks = [], marks


def test_each_stop_shows_what_was_recorded_there_and_back(page):
    tab = page.open(PROJECTOR[0], reduced_motion='reduce')
    for name, recording in page.recordings.items():
        page.go(f'#{name}-step-0')
        tab.locator('#questions').evaluate('one => { one.checked = false; }')
        others = recording['stops'][1:]
        there = [page.ask('look()')] + [page.press('PageDown') for _ in others]
        if 'hello' in name:
            assert there[-2::-1] == [page.press('PageUp') for _ in others]
        notes = [one.pop('note') for one in there]
        assert notes[-1] == recording['differs'], name
        assert there == list(expected(page, name)), name


def test_n_stops_at_each_question_and_each_has_its_answer(page):
    tab = page.open(PROJECTOR[0], reduced_motion='reduce')
    for name, recording in page.recordings.items():
        page.go(f'#{name}-step-0')
        answered = [step for step in recording['steps'] if 'asks' in step]
        for step in answered:
            while not page.count('.asks'):
                page.press('n')
            assert page.ask('look()')['caption'] == step['asks'], name
            assert page.press('n')['answer'] == step['answer'] != '', name
        tab.keyboard.press('End')
        assert not page.count('.asks'), name


def test_one_switch_turns_questions_and_answers_off(page):
    tab = page.open(view='hello-tcp-step-17')
    step = page.recordings['hello-tcp']['steps'][17]
    size = 'seen("#answer:not(:empty), #caption").map(type)'
    [usual] = page.ask(size)
    keys = (
        'n 17 ?, PageUp 17, ArrowRight 17 ?, PageDown 18 !, PageUp 17, '
        'q 17, PageDown 18, q 18 !'
    )
    for row in keys.split(', '):
        key, at, *shown = row.split()
        tab.keyboard.press(key)
        expect(tab.locator('#count')).to_have_text(re.compile(at))
        look, sizes = page.ask('look()'), page.ask(size)
        assert (look['caption'] == step['asks']) == (shown == ['?']), row
        assert (look['answer'] == step['answer']) == (shown == ['!']), row
        assert (sizes[-1] > usual) == bool(shown), row


def test_the_question_shows_the_client_that_it_is_about(page):
    page.open(view='queue-tcp')
    while 'client 8' not in page.press('n')['sides'][0][0]:
        pass
    assert page.count('.client .of.new') == 1
    while not page.count('.asks'):
        page.press('n')
    assert 'client 8' in page.ask('look()')['sides'][0][0]
    # All connections of the server's kernel are in sight.
    kernel = """(frame => seen('.kernel.server p').map(
        one => [one.textContent, box(one).bottom < frame.bottom]
    ))(box(seen('.kernel.server')[0]))"""
    page.tab.set_viewport_size({'width': 1280, 'height': 720})
    texts, are_in_sight = zip(*page.ask(kernel))
    numbers = re.findall(r'\b[1-7]\b(?=.*[A-Z])', ' '.join(texts))
    assert {*'234567'} <= {*numbers} and all(are_in_sight)


def test_a_lost_packet_has_an_arrow_that_ends_half_way(page):
    page.open(view='lost-reply-tcp-step-32', reduced_motion='reduce')
    line = 'seen("li.packet").map(one => getComputedStyle(one, "{}").borderTopColor)'
    before, after = (page.ask(line.format(f'::{one}')) for one in ('before', 'after'))
    none = 'rgba(0, 0, 0, 0)'
    assert before[-3] == none and none not in (*before[-2:], *after[-3:])
    assert page.ask('texts(".lost")')[0].startswith('✗')


def test_keys_buttons_and_the_menu_lead_where_they_say(page):
    tab = page.open(view='hello-tcp-step-1')
    hello, queue = page.recordings['hello-tcp'], page.recordings['queue-tcp']
    tab.keyboard.press('q')
    last, imports = len(hello['steps']), hello['stops'][1] + 1
    event, next_event, *more = [number + 1 for number in hello['events']]
    assert len(more) in range(9, 18)
    places = {'second': imports + 1, 'third': imports + 2, 'before': last - 1}
    places.update(first=imports, last=last, event=event, next=next_event, start=0)
    for row in (
        'ArrowRight second, Space third, ArrowLeft second, End last, PageUp before, '
        'Home start, ArrowUp start, n event, Control+ArrowRight event, #first start, '
        '#forward first, #back start, #next event, #next next'
    ).split(', '):
        what, place = row.split()
        act = tab.click if what[0] == '#' else tab.keyboard.press
        act(what)
        page.is_at(f'#hello-tcp-step-{places[place]}')
    tab.select_option('#scenario', 'queue-tcp')
    page.is_at(f'#queue-tcp-step-{queue["begins"]}')
    tab.keyboard.press('PageUp')
    page.is_at(f'#queue-tcp-step-{queue["begins"] - 1}')


def test_each_scenario_opens_where_it_begins_and_leads_to_the_next(page):
    tab = page.open()
    names = [*page.recordings]
    for name, following in zip(names, names[1:]):
        recording = page.recordings[name]
        page.go(f'#{name}')
        counts = [f'{recording["begins"]}', f'{len(recording["steps"])}']
        assert re.findall(r'\d+', tab.locator('#count').text_content()) == counts
        tab.keyboard.press('End')
        assert page.titles[following] in page.press('ArrowRight')['caption']
        page.press('ArrowRight')
        expect(tab.locator('#scenario')).to_have_value(following)
    tab.keyboard.press('End')
    assert page.press('ArrowRight') == page.press('ArrowRight')
    page.go('#hello-tcp')
    tab.keyboard.press('End')
    tab.click('#following')
    page.is_at('#hello-udp-step-0')


def test_one_language_is_shown_at_a_time(page):
    page.open(view='hello-tcp-step-1').keyboard.press('l')
    assert page.count('.code .python') == 0
    page.tab.click('#language')
    assert page.count('.code .rust') == 0


# Not in comments, nor in texts; also a token of several colours, and the other programs' names.
TOKENS = """
.client .code [data-line="10"]|let mut|let mut
.client .code [data-line="14"]|&udp_cli_sock|&tcp_cli_sock
.server .code [data-line="9"]|None|None
.server .code [data-line="9"]|?|?
"""


def in_rust(page):
    """The page on a phone in Rust, and the meanings of the tokens."""
    tab = page.open(NARROW, 'hello-udp-step-1', has_touch=True, reduced_motion='reduce')
    tab.keyboard.press('l')
    return tab, words('zh-CN' if 'page.zh' in page.url else 'en').texts['rust']


def test_in_rust_a_tap_explains_a_token(page):
    tab, meanings = in_rust(page)
    for line, token, name in [one.split('|') for one in TOKENS.split('\n') if one]:
        exactly = re.compile(f'^{re.escape(token)}$')
        word = tab.locator(f'{line} abbr', has_text=exactly)
        assert word.get_attribute('title') == meanings[name]
        word.tap()
        assert page.ask('texts("#meaning")') == [page.before(token) + meanings[name]]


def test_in_rust_w_shows_all_tokens(page):
    tab, meanings = in_rust(page)
    shown = {*tab.locator('.code .rust abbr').all_text_contents()}
    tab.select_option('#scenario', 'hello-tcp')
    shown |= {*tab.locator('.code .rust abbr').all_text_contents()}
    assert {*meanings} <= shown
    tab.keyboard.press('w')
    assert page.ask('texts("#tokens dt")') == [*meanings]
    assert page.ask('texts("#tokens dd")') == [*meanings.values()]
    assert page.count('#words') == 0
    too_wide = 'seen("#tokens").some(one => one.scrollWidth > one.clientWidth)'
    assert not page.ask(too_wide)


def test_keys_and_words_are_explained(page):
    tab = page.open(view='hello-tcp-step-18')
    for key, dialog in ('?', '#keys'), ('w', '#words'):
        tab.keyboard.press(key)
        expect(tab.locator(dialog)).to_be_visible()
        tab.keyboard.press('Escape')
    words = {'SYN', 'ACK', 'LISTEN', 'ESTABLISHED', 'queue'}
    words -= {'queue'} if 'page.zh' in page.url else set()
    assert words <= {*tab.locator('#stage abbr').all_text_contents()}
    assert tab.locator('#stage abbr:not([title])').count() == 0


def test_nothing_overflows(page):
    for size in [WIDE, NARROW, *PROJECTOR]:
        page.open(size, reduced_motion='reduce')
        for name, recording in page.recordings.items():
            page.go(f'#{name}-step-{len(recording["steps"])}')
            assert page.ask('fits()') == [], (name, size)
            answer = max(recording['steps'], key=lambda one: len(one.get('answer', '')))
            page.go(f'#{name}-step-{recording["steps"].index(answer) + 1}')
            assert page.ask('fits()') == page.ask('look()')['out'] == [], (name, size)
        left, right = page.ask('seen(".code").map(one => box(one).x)')
        assert (left < right) == (size != NARROW)
        if size in PROJECTOR:
            assert page.ask('box(seen("#stage")[0]).bottom') <= size[1] + 1


def test_it_can_be_read_from_the_last_row(page):
    for size in FROM_THE_LAST_ROW:
        page.open(size, 'hello-tcp-step-18')
        assert page.ask('type(seen(".code code")[0])') >= 0.024 * size[1]
        assert page.ask('type(seen(".what")[0])') >= 0.020 * size[1]


def test_on_a_phone_the_acting_line_is_seen_and_a_tap_explains_a_word(page):
    tab = page.open(NARROW, 'hello-tcp-step-1', has_touch=True, reduced_motion='reduce')
    for _ in page.recordings['hello-tcp']['stops']:
        assert page.press('PageDown')['out'] == []
        bottoms = page.ask('seen(".acts").map(one => box(one).bottom)')
        assert max(bottoms, default=0) <= NARROW[1]
    page.go('#hello-tcp-step-18')
    tab.tap('.kernel.server abbr')
    assert page.ask('texts("#meaning")[0]').startswith(page.before('LISTEN'))
    tab.tap('#meaning')
    assert page.count('#meaning') == 0


def test_links_land(page):
    tab = page.open()
    get_links = 'all => all.map(a => a.getAttribute("href"))'
    links = {*tab.locator('a').evaluate_all(get_links)}
    for link in links:
        if link.startswith('https://'):
            continue
        page.go(link)
        _, is_step, step = link.rpartition('-step-')
        if is_step:
            expect(tab.locator('#count')).to_have_text(re.compile(rf'\b{step}\b'))
        else:
            assert page.ask(f'!!document.getElementById("{link[1:]}")'), link
    assert len(links) > 200
    ids = tab.locator('[id]').evaluate_all('all => all.map(one => one.id)')
    assert len(ids) == len({*ids})


def test_documents_are_views_with_links_into_the_steps_and_back(page):
    tab = page.open()
    for name in 'guide', 'exercises', 'problems', 'rust':
        tab.click('#more summary')
        tab.click(f'#more a[href="#{name}"]')
        assert page.ask(f'0 <= box(seen("#{name} h2")[0]).y < innerHeight'), name
        tab.click(f'#{name} .back a')
        assert page.ask('scrollY') == 0
    widths = page.ask('seen("#guide img").map(one => one.naturalWidth)')
    assert widths == [800] * 4
    tab.click('#guide a[href="#hello-tcp-step-25"]')
    page.is_at('#hello-tcp-step-25')
    assert page.ask('scrollY') == 0
    tab.keyboard.press('w')
    tab.click('#words a:has-text("TIME-WAIT")')
    assert page.count('#words') == 0
    assert page.ask('0 <= box(seen(":target")[0]).y < innerHeight')


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


def test_the_sheet_has_the_chosen_questions_and_its_answers_are_another_job(page):
    tab = page.open(view='sheet')
    tab.check('input[value="queue-tcp"]')
    steps = [page.recordings[name]['steps'] for name in ('hello-tcp', 'queue-tcp')]
    asked = sum(bool(step.get('asks')) for step in [*steps[0], *steps[1]])
    assert page.count('#sheet li') == asked
    tab.evaluate('window.print = () => { window.printed = document.body.className; }')
    tab.emulate_media(media='print')
    for kind, other in ('questions', 'answers'), ('answers', 'questions'):
        button = '#sheet button' + ':last-of-type' * (kind == 'answers')
        tab.evaluate(f"document.querySelector('{button}').click()")
        tab.evaluate('document.body.className = printed')
        assert page.count(f'.{kind} li') == asked
        assert page.count(f'.{other} li, .program, .hello') == 0
        assert page.count('.names') == (kind == 'questions')
    assert 'connect(ADDR)' in tab.locator('#sheet pre').first.text_content()


def test_it_needs_no_network_and_at_most_900_kib(page):
    page.open()
    assert [one for one in page.heard if not one.startswith((page.url, 'data:'))] == []
    assert not re.search(
        r'src="(?!data:)|href="(?!#|data:|https://)|url\(|@import', page.text
    )
    assert page.path.stat().st_size <= 900 << 10


@pytest.fixture
def webkit():
    """WebKit's MiniBrowser, on a screen of its own."""
    browsers = sorted(Path('/usr/lib').glob('*/webkit2gtk-4.*/MiniBrowser'))
    webdriver = pytest.importorskip('selenium.webdriver')
    if not browsers or not shutil.which('WebKitWebDriver') or not shutil.which('Xvfb'):
        pytest.skip('it needs webkit2gtk-driver and xvfb')
    command = ['Xvfb', '-displayfd', '1', '-screen', '0', '1280x800x24']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as screen:
        options = webdriver.WebKitGTKOptions()
        options.binary_location = str(browsers[0])
        options.add_argument('--automation')
        display = {'DISPLAY': f':{screen.stdout.readline().strip()}'}
        service = webdriver.WebKitGTKService(
            shutil.which('WebKitWebDriver'), env={**os.environ, **display}
        )
        driver = webdriver.WebKitGTK(options, service)
        yield driver
        driver.quit()
        screen.terminate()


def test_webkit_steps_through_it_too(webkit):
    page = SCRIPTS / 'page.html'
    webkit.get(f'{page.as_uri()}#lost-reply-tcp')

    def text(selector):
        return webkit.find_element('css selector', selector).text

    assert text('#count') == '22 of 61'
    for _ in range(20):
        webkit.find_element('css selector', 'body').send_keys('n')
        if webkit.find_elements('css selector', '.asks'):
            break
    assert text('#caption').startswith('The reply will be lost')
    webkit.find_element('css selector', '#forward').click()
    assert text('#answer').startswith('No, because send returns')
    assert '✗ lost' in text('.wire') and text('.code .acts').startswith('20')
