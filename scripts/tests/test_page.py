"""The pages in a Chromium without a window, and in WebKit, which is Safari's engine.

A story says what somebody does in a page. After its title, each line is one of these:

    open VIEW               a new window; `phone VIEW` opens a narrow one
    press KEY               also `click SELECTOR`, `tap SELECTOR`
    step NUMBER             is shown
    see SELECTOR: TEXT      it is in sight, with this text; `not SELECTOR`
    url VIEW                the address ends so
"""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from stage.project import SCRIPTS, SIDES
from stage.words import words
from trees import data_of, needs, stories

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
const isOut = (one, frame) => out(one, frame) || one.matches('.acts') && box(one).bottom > innerHeight;
const look = () => ({
    out: seen('.lit').filter(one => isOut(one, box(one.parentNode))).map(one => one.textContent),
    caption: texts('#caption')[0], answer: texts('#answer')[0] || '',
    ...(seen('.asks').length ? {} : {
        packets: texts('li.packet:not(.old)'),
        sides: ['server', 'client'].map(side => [
            texts(`.${side} .screen`)[0], [...new Set(texts(`.${side} .lit .at`))].join(''),
            seen(`.${side} .acts`).length > 0, texts(`.kernel.${side} .mark`)]),
    })});
const walk = (key, count) => [...Array(count)].map(() => {
    document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    return look();
});"""


class Page:
    """A finished page. Each window is a new one."""

    def __init__(self, path, browser):
        self.browser, self.url = browser, path.as_uri()
        self.text = path.read_text('utf-8')
        self.texts, self.recordings = data_of(path).values()
        self.titles = dict(re.findall(r'<option value="(.*?)">(.*)', self.text))

    def open(self, size=WIDE, view='', **more):
        viewport = {'width': size[0], 'height': size[1]}
        is_phone = size == NARROW
        more.update(viewport=viewport, is_mobile=is_phone, has_touch=is_phone)
        more.setdefault('reduced_motion', 'reduce')
        self.tab = self.browser.new_page(**more)
        self.go(f'#{view}')
        return self.tab

    def go(self, view):
        self.tab.goto(self.url + view)
        self.tab.evaluate('self.show?.()')  # it may not have heard of the address yet

    def ask(self, question):
        return self.tab.evaluate(f'() => {{ {QUESTIONS} return {question}; }}')

    def walk(self, key, count):
        """What is seen after the key, so many times."""
        return self.ask(f'walk("{key}", {count})')

    def look(self):
        return self.ask('look()')

    def numbers(self):
        """The step that is shown, and how many there are."""
        return re.findall(r'\d+', self.tab.locator('#count').text_content())

    def follow(self, story):
        for line in story.splitlines()[1:]:
            verb, rest = line.split(' ', 1)
            if verb in ('open', 'phone'):
                self.open(WIDE if verb == 'open' else NARROW, rest)
            elif verb in ('click', 'tap'):
                getattr(self.tab, verb)(rest)
            elif verb == 'press':
                self.tab.keyboard.press(rest)
            elif verb == 'step':
                assert self.numbers()[0] == rest
            elif verb == 'url':
                expect(self.tab).to_have_url(f'{self.url}#{rest}')
            else:
                self.sees(verb == 'see', *rest.split(': ', 1))

    def sees(self, is_there, selector, text=''):
        found = self.tab.locator(selector).filter(visible=True)
        if is_there:
            expect(found.first).to_be_in_viewport()
            expect(found.first).to_contain_text(text)
        else:
            expect(found).to_have_count(0)

    def count(self, selector):
        """How many are to be seen."""
        return self.tab.locator(selector).filter(visible=True).count()

    def is_accessible(self, part='html'):
        found = axe.Axe().run(self.tab, part).response['violations']
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


def name_of(page, who):
    side, *number = who.split()
    return ' '.join([page.texts[side], *number])


def named(page, what):
    return page.texts['who'].format(who=what)


def side_of(page, side, shown, acts, sockets):
    """What is to be seen of one side. Of many sockets those with the same marks stand together."""
    line = shown['line']
    screen = page.texts['screen_of'].format(who=name_of(page, shown['who']))
    if shown['status'] and not line:
        screen = named(page, screen) + page.texts[shown['status']]
    marks = [tuple(one['marks']) for one in sockets if one['side'] == side]
    marks = sum(dict.fromkeys(marks) if len(marks) > 3 else marks, ())
    return [screen + shown['screen'], str(line or ''), bool(line) and acts, [*marks]]


def text_of(page, packet):
    """A packet as it is read aloud."""
    client = packet['client'] and named(page, name_of(page, packet['client']))
    text = '{arrow} {client_}{flags} {numbers} {data} '.format(client_=client, **packet)
    by_kernel = f' {page.texts["by_kernel"]}' if packet['by'] == 'kernel' else ''
    return text + packet.get('notes', '') + by_kernel + packet.get('lost', '')


def expected(page, name):
    """What is to be seen at each question and each stop, with the number of the step."""
    recording = page.recordings[name]
    start = {'screen': '', 'line': None, 'status': ''}
    shown = {side: {'who': side, **start} for side in SIDES}
    sockets, packets = [], []
    steps = [{'caption': page.titles[name]}, *recording['steps']]
    for number, step in enumerate(steps, -1):
        sockets = step.get('sockets', sockets)
        packets += [text_of(page, one) for one in step.get('packets', [])]
        for side, news in step.get('programs', {}).items():
            shown[side].update(news)
        if number not in recording['stops']:
            continue
        look = {'out': [], 'answer': step.get('answer', '')}
        if look['answer']:
            yield number, {'out': [], 'answer': '', 'caption': step['asks']}
        look.update(caption=step.get('label', '') + step['caption'], packets=packets)
        sides = [(*one, one[0] == step.get('side'), sockets) for one in shown.items()]
        yield number, {**look, 'sides': [side_of(page, *one) for one in sides]}
        packets = []


def test_each_stop_and_question_shows_what_was_recorded_there_and_back(page):
    tab = page.open(PROJECTOR[0])
    for name, recording in page.recordings.items():
        numbers, looks = zip(*expected(page, name))
        page.go(f'#{name}-step-0')
        assert page.look() == looks[0]
        assert page.walk('PageDown', len(looks) - 1) == [*looks[1:]], name
        expect(tab.locator('#note')).to_have_text(recording['differs'])
        stops = [one for one in looks if 'packets' in one]
        assert page.walk('PageUp', len(stops) - 1) == stops[-2::-1], name
        events = [one for at, one in zip(numbers, looks) if at in recording['events']]
        assert page.walk('n', len(events)) == events, name


@stories("""
One switch turns questions and answers off
open hello-tcp-step-17
press ArrowRight
step 17
see .asks
press PageUp
step 17
not .asks
press PageDown
see .asks
press q
step 17
not .asks
press PageDown
step 18
not #answer
press q
see #answer

Keys and buttons lead where they say
open hello-tcp-step-1
press q
step 6
press ArrowRight
step 7
press Space
step 8
press ArrowLeft
step 7
press End
step 57
press Home
step 0
press ArrowUp
step 0
press ArrowDown
step 6
press Control+ArrowRight
step 6
click #next
step 7
click #first
step 0
click #forward
step 6
click #back
step 0
url hello-tcp-step-0

The next scenario is named
open hello-tcp
press End
click #following
url hello-udp-step-0

What is new in a kernel is marked, also if others have it
open hello-tcp-step-18
see .kernel.client .new: ESTABLISHED
see .kernel.server .new
press PageDown
not .kernel .new
open queue-tcp-step-93
see .kernel.server .new: 5

A question shows the client that it is about, and all connections are in sight
open queue-tcp-step-134
press n
see .asks
see .client .of: 8
see .kernel.server p:has-text("LISTEN")
see .kernel.server p:has-text("{client} 2")
see .kernel.server p:has-text("{client} 3{between}4")

Keys and words are explained
open hello-tcp-step-18
press ?
see #keys
press Escape
not #keys
see #stage abbr:text-is("SYN")
see #stage abbr:text-is("ACK")
see #stage abbr:text-is("LISTEN")
see #stage abbr:text-is("ESTABLISHED")
not #stage abbr:not([title])
press w
see #words
click #words a:has-text("TIME-WAIT")
not #words
see :target

One language is shown at a time
open hello-tcp-step-1
press l
not .code .python
press w
see #tokens
not #words
press Escape
click #language
not .code .rust

A tap explains a word
phone hello-tcp-step-18
tap .kernel.server abbr
see #meaning: LISTEN
tap #meaning
not #meaning

Documents are views, with links into the steps and back
open hello-tcp-step-1
click #more summary
click #more a[href="#exercises"]
see #exercises h2
click #exercises .back a
see #caption
click #more summary
click #more a[href="#problems"]
see #problems h2
click #problems .back a
see #caption
click #more summary
click #more a[href="#rust"]
see #rust h2
click #rust .back a
see #caption
click #more summary
click #more a[href="#guide"]
see #guide h2
click #guide a[href="#hello-tcp-step-25"]
url hello-tcp-step-25
see #caption
""")
def test_what_people_do(page, story):
    page.follow(story.format(**page.texts))


def test_a_lost_packet_has_an_arrow_that_ends_half_way(page):
    page.open(view='lost-reply-tcp-step-32')
    line = 'seen("li.packet").map(one => getComputedStyle(one, "{}").borderTopColor)'
    before, after = (page.ask(line.format(f'::{one}')) for one in ('before', 'after'))
    none = 'rgba(0, 0, 0, 0)'
    assert before[-3] == none and none not in (*before[-2:], *after[-3:])
    assert page.ask('texts(".lost")')[0].startswith('✗')


def test_each_scenario_opens_where_it_begins_and_leads_to_the_next(page):
    tab, names = page.open(), [*page.recordings]
    for name, following in zip(names, [*names[1:], names[-1]]):
        recording = page.recordings[name]
        counts = [f'{recording["begins"]}', f'{len(recording["steps"])}']
        assert (tab.input_value('#scenario'), page.numbers()) == (name, counts)
        tab.keyboard.press('End')
        tab.keyboard.press('ArrowRight')
        if name != following:
            expect(tab.locator('#caption')).to_contain_text(page.titles[following])
        tab.keyboard.press('ArrowRight')
    assert tab.input_value('#scenario') == name
    tab.select_option('#scenario', 'queue-tcp')
    assert page.numbers()[0] == str(page.recordings['queue-tcp']['begins'])


# Not in comments, nor in texts; also a token of several colours, and the other programs' names.
TOKENS = """\
.client .code [data-line="10"]|let mut|let mut
.client .code [data-line="14"]|&udp_cli_sock|&tcp_cli_sock
.server .code [data-line="9"]|None|None
.server .code [data-line="9"]|?|?
"""


def test_in_rust_tokens_are_explained(page):
    meanings = words('zh-CN' if 'zh' in page.url else 'en').texts['rust']
    tab = page.open(NARROW, 'hello-udp-step-1')
    tab.keyboard.press('l')
    for row in TOKENS.splitlines():
        line, token, name = row.split('|')
        word = tab.locator(f'{line} abbr', has_text=re.compile(f'^{re.escape(token)}$'))
        expect(word).to_have_attribute('title', meanings[name])
        word.tap()
        expect(tab.locator('#meaning')).to_have_text(
            named(page, token) + meanings[name]
        )
    shown = {*tab.locator('.code .rust abbr').all_text_contents()}
    tab.select_option('#scenario', 'hello-tcp')
    shown |= {*tab.locator('.code .rust abbr').all_text_contents()}
    assert {*meanings} <= shown
    tab.keyboard.press('w')
    assert page.ask('texts("#tokens dt")') == [*meanings]
    assert page.ask('texts("#tokens dd")') == [*meanings.values()]
    assert page.ask('seen("#tokens").every(one => one.scrollWidth <= one.clientWidth)')


def test_nothing_overflows(page):
    for size in [WIDE, NARROW, *PROJECTOR]:
        page.open(size)
        for name, recording in page.recordings.items():
            answers = [len(step.get('answer', '')) for step in recording['steps']]
            for number in len(answers), answers.index(max(answers)) + 1:
                page.go(f'#{name}-step-{number}')
                assert page.ask('[...fits(), ...look().out]') == [], (name, size)
        left, right = page.ask('seen(".code").map(one => box(one).x)')
        assert (left < right) == (size != NARROW)
        if size in PROJECTOR:
            assert page.ask('box(seen("#stage")[0]).bottom') <= size[1] + 1


def test_it_can_be_read_from_the_last_row(page):
    for size in FROM_THE_LAST_ROW:
        page.open(size, 'hello-tcp-step-18')
        code, packet, caption, answer = (
            page.ask(f'type(seen("{one}")[0])')
            for one in ('.code code', '.what', '#caption', '#answer')
        )
        assert (
            code >= 0.024 * size[1] and packet >= 0.020 * size[1] and answer > caption
        )
        page.walk('PageUp', 1)
        page.walk('PageDown', 1)
        assert page.ask('type(seen(".asks #caption")[0])') > caption


def test_on_a_phone_the_acting_line_is_seen(page):
    page.open(NARROW, 'hello-tcp-step-1')
    stops = page.walk('PageDown', len(page.recordings['hello-tcp']['stops']))
    assert [one['out'] for one in stops if one['out']] == []


def test_links_land(page):
    tab = page.open()
    ids = tab.locator('[id]').evaluate_all('all => all.map(one => one.id)')
    assert len(ids) == len({*ids})
    places = {
        f'{name}-step-{stop + 1}'
        for name, one in page.recordings.items()
        for stop in one['stops']
    }
    hrefs = 'all => all.map(one => one.getAttribute("href"))'
    links = {*tab.locator('a').evaluate_all(hrefs)}
    assert len(links) > 200
    inside = {link[1:] for link in links if not link.startswith('https://')}
    assert inside - places - {*ids} == set()
    widths = tab.locator('#guide img').evaluate_all(
        'all => all.map(one => one.naturalWidth)'
    )
    assert widths == [800] * 4


def test_the_acting_line_is_told_by_more_than_a_tint_and_motion_can_be_reduced(page):
    step = 'hello-tcp-step-18'
    page.open(view=step, reduced_motion='no-preference')
    scroll = 'style(seen(".code")[0]).scrollBehavior'
    assert page.ask(scroll) == 'smooth'
    for scheme in 'light', 'dark':
        page.open(view=step, color_scheme=scheme)
        assert page.ask(scroll) == 'auto'
        acts, waits = page.ask("""[".acts", ".lit:not(.acts)"]
            .map(one => style(seen(one)[0]))
            .map(one => [one.fontWeight >= 700, one.borderLeftColor])""")
        assert acts[0] and not waits[0] and acts[1] != waits[1]


@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_axe_finds_nothing_wrong_by_day_and_by_night(page, scheme):
    for size in WIDE, NARROW:
        tab = page.open(size, 'hello-tcp-step-17', color_scheme=scheme)
        page.is_accessible()
        for key, part in ('PageDown', '#stage'), ('w', '#words'):
            tab.keyboard.press(key)
            page.is_accessible(part)


def test_programs_and_hello_are_shown_without_scripts_and_on_paper(page):
    steps = [page.recordings[name]['steps'] for name in ('hello-tcp', 'hello-udp')]
    packets = str(steps).count("'arrow'")
    for scripts, media in (False, 'screen'), (True, 'print'):
        tab = page.open(A4, color_scheme='dark', java_script_enabled=scripts)
        tab.emulate_media(media=media)
        assert page.count('.program, .hello') == 6
        assert page.count('.sequence .packet') == packets
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
    kinds = 'questions', 'answers'
    steps = [page.recordings[name]['steps'] for name in ('hello-tcp', 'queue-tcp')]
    asked = str(steps).count("'asks'")
    assert page.count('#sheet li') == asked
    tab.evaluate('window.print = () => { window.printed = document.body.className; }')
    tab.emulate_media(media='print')
    for at, (kind, other) in enumerate(zip(kinds, reversed(kinds))):
        tab.locator('#sheet button').nth(at).dispatch_event('click')
        tab.evaluate('document.body.className = printed')
        assert page.count(f'.{kind} li') == asked
        assert page.count(f'.{other} li, .program, .hello') == 0
        assert page.count('.names') == (kind == 'questions')
    assert 'connect(ADDR)' in tab.locator('#sheet pre').first.text_content()


def test_it_needs_no_network_and_at_most_900_kib(page):
    tab, heard = page.open(), []
    tab.on('request', lambda request: heard.append(request.url))
    tab.on('pageerror', lambda error: heard.append(str(error)))
    tab.reload()
    assert [one for one in heard if not one.startswith((page.url, 'data:'))] == []
    outside = r'src="(?!data:)|href="(?!#|data:|https://)|url\(|@import'
    assert not re.search(outside, page.text)
    assert len(page.text.encode()) <= 900 << 10


@pytest.fixture
def webkit(monkeypatch):
    """WebKit's MiniBrowser, on a screen of its own."""
    webdriver = pytest.importorskip('selenium.webdriver')
    command = ['Xvfb', '-displayfd', '1']
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as screen:
        monkeypatch.setenv('DISPLAY', f':{screen.stdout.readline().strip()}')
        options = webdriver.WebKitGTKOptions()
        browser = next(Path('/usr/lib').glob('*/webkit2gtk-4.*/MiniBrowser'))
        options.binary_location = str(browser)
        options.add_argument('--automation')
        driver = webdriver.WebKitGTK(options)
        yield driver
        driver.quit()
        screen.terminate()


@needs('WebKitWebDriver', 'Xvfb')
def test_webkit_steps_through_it_too(webkit):
    webkit.get(f'{(SCRIPTS / "page.html").as_uri()}#lost-reply-tcp')

    def text(selector):
        return webkit.find_element('css selector', selector).text

    assert text('#count') == '22 of 61'
    while not webkit.find_elements('css selector', '.asks'):
        webkit.find_element('css selector', 'body').send_keys('n')
    assert text('#caption').startswith('The reply will be lost')
    webkit.find_element('css selector', '#forward').click()
    assert text('#answer').startswith('No, because send returns')
    assert '✗ lost' in text('.wire') and text('.code .acts').startswith('20')
