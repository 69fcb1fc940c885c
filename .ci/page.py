"""Tests the page of side-by-side.sh in a Chromium without a window:

    python3 .ci/page.py [PAGE]      [default: a new page]
"""
import json
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

try:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import expect, sync_playwright
except ImportError as missing:
    sys.exit(f'{missing}; get it with python3 -m pip install axe-playwright-python')

TOP = Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / 'scripts/lib'))
from join import PROGRAMS, Program      # noqa: E402

SIDES = ['client', 'server']
STEPS = ['tcp-steps', 'udp-steps']
VIEWS = [*PROGRAMS, *STEPS, 'how-to-read']
WIDE, NARROW, A4 = (1280, 800), (390, 844), (703, 1000)
PROJECTOR = [(1280, 720), (1024, 576), (853, 480), (800, 450)]  # at 100, 125, 150, 160 %

# What the tests ask in the page: all of a kind that is shown; what of it is wider than the
# window or its own box, has type below 13 pixels, code below so many, or is a label that
# overlaps another; whether a row is lit up, and nothing covers it; what is seen of a step.
QUESTIONS = '''
const box = one => one.getBoundingClientRect(), style = one => getComputedStyle(one);
const seen = selector => [...document.querySelectorAll(selector)].filter(
    one => one.getClientRects().length);
const texts = selector => seen(selector).map(one => one.textContent);
const type = one => (one.matches('text') ? one.getScreenCTM().a : 1)
    * Math.min(...['', '::after'].map(part => parseFloat(getComputedStyle(one, part).fontSize)));
const fits = code => seen('body *').filter(one => !one.closest('.unseen, header')).flatMap(one => [
    (box(one).left < -0.5 || box(one).right > innerWidth + 0.5 || !one.matches('svg *')
        && one.clientWidth && one.scrollWidth > one.clientWidth + 1) && 'too wide',
    (one.matches('.console') || [...one.childNodes].some(node => (node.data || '').trim()))
        && type(one) < Math.min(code, one.matches('.src, .screen pre, text') ? code : 13)
        && 'too small',
    one.matches('text') && seen('svg text').some(other => one !== other
        && box(one).left < box(other).right && box(other).left < box(one).right
        && box(one).top + 3 < box(other).bottom && box(other).top + 3 < box(one).bottom)
        && 'overlaps another'].filter(Boolean).map(what => `${one.textContent} ${what}`));
const lit = row => row.contains(document.elementFromPoint(box(row).x + 1, box(row).y + 2))
    && [row, ...row.children].every(one => style(one).backgroundColor
        !== style(row.parentNode.firstElementChild).backgroundColor);
const out = (one, frame) => box(one).top < frame.top - 1 || box(one).bottom > frame.bottom + 1
    && box(one).height < frame.bottom - frame.top;
const look = () => ({
    out: [...seen('.console, .packets > *, .kept, .variables, .what, .code').filter(
            one => out(one, { top: 0, bottom: innerHeight })),
        ...seen('.lit').filter(one => out(one, box(one.parentNode)))].map(one => one.className),
    told: texts('.what')[0],
    packets: seen('.packets > *').map(one => [one.className, one.textContent]),
    sides: ['client', 'server'].map(side => [
        'lit', 'acts > a', 'does', 'variables code', 'console'].map(
        part => texts(`.${side} .${part}`).join(' '))),
    kept: ['span', '.new'].map(
        one => ['client', 'server'].map(side => texts(`.${side} .kept ${one}`))),
});
// All views, rows as if lit up, and the text of drawings, which axe skips, as other text.
const bare = () => {
    document.documentElement.className = document.body.className = '';
    seen('.row > *').forEach((one, at) => {
        one.style.background = `var(${at % 2 ? '--hover' : '--target'})`; });
    seen('svg text, tspan').forEach(one => one.closest('figure').insertAdjacentHTML('beforeend',
        `<p style="color: ${style(one).fill}">${one.textContent}</p>`));
};'''


def lines(program, language):
    """The lines of a program as the page shows them, with their numbers, notes apart."""
    if language == 'python':
        return list(enumerate(program.python, 1))
    return [(tag, part.replace('`', '') if at else part)
            for tag, line in zip(program.held, program.rust) for at, part in
            enumerate(re.fullmatch(r'(.*?) *(?:(?<!/)// (.*))?', line).groups()) if part]


class Page(unittest.TestCase):
    def open(self, size, view='', **more):
        """A new tab; heard is what it asks of the network, and its errors."""
        self.heard = []
        self.tab = browser.new_page(viewport=dict(zip(('width', 'height'), size)),
                                    is_mobile=size == NARROW, **more)
        self.addCleanup(self.tab.context.close)
        for what in 'request', 'pageerror':
            self.tab.on(what, lambda one: self.heard.append(getattr(one, 'url', one)))
        self.tab.goto(f'{url}#{view}')
        return self.tab

    def ask(self, question):
        return self.tab.evaluate(f'() => {{ {QUESTIONS} return {question}; }}')

    def steps(self, view):
        return json.loads(self.tab.locator(f'#{view} script').text_content())

    def shown(self, selector):
        return expect(self.tab.locator(selector).filter(visible=True))

    def accessible(self):
        self.assertEqual([], [(one['help'], one['nodes'][0]['html'])
                              for one in Axe().run(self.tab).response['violations']])

    def test_all_python_all_rust_and_the_screens_are_there(self):
        tab = self.open(WIDE)
        for program in map(Program, PROGRAMS):
            state = self.steps(program.name[:3] + '-steps')[-1]['state']
            for part, expected in [
                    ('.line .python', program.python),
                    ('.line .number a:not(.step)', map(str, range(1, len(program.python) + 1))),
                    ('.rust :is(.src, .note)', [line for _, line in lines(program, 'rust')]),
                    ('.screen pre', [state[side]['screen'] for side in SIDES])]:
                found = tab.locator(f'#{program.name} {part}').all_text_contents()
                self.assertEqual(list(filter(None, found)), list(expected))

    def test_nothing_overflows_and_links_land(self):
        for size, code in (WIDE, 17), (NARROW, 13), *((size, 14) for size in PROJECTOR):
            tab = self.open(size, reduced_motion='reduce')
            for view in VIEWS:
                tab.goto(f'{url}#{view}')
                self.shown('section').to_have_id(view)
                if view in STEPS:
                    tab.keyboard.press('End')
                    self.assertTrue(self.ask('type(seen(".what")[0]) > type(seen(".side pre")[0])'))
                    left, right = self.ask('seen(".side").map(one => box(one).x)')
                    self.assertEqual(left < right, size != NARROW)
                least = min(14, code) if view in STEPS else code
                self.assertEqual(self.ask(f'fits({least})'), [], (view, size))
            if size not in (WIDE, NARROW):
                continue
            links = tab.locator('a').evaluate_all('all => all.map(a => a.getAttribute("href"))')
            for link in set(links) - {f'#{view}' for view in VIEWS}:
                tab.goto(url + link)
                if '-step-' in link:
                    expect(tab.locator('#count')).to_have_text(re.compile(f'^{link[10:]} of'))
                else:
                    self.assertTrue(self.ask(f'lit(document.querySelector("{link}"))'), link)
            self.assertGreater(len(set(links)), 150)

    def test_each_step_shows_what_was_recorded_there_and_back(self):
        for view in STEPS:
            tab, steps = self.open(PROJECTOR[2], view, reduced_motion='reduce'), self.steps(view)

            def look(key):
                return tab.keyboard.press(key) or self.ask('look()')
            for language in 'python', 'rust':
                source = {side: lines(Program(f'{view[:3]}-{side}'), language) for side in SIDES}
                there = [look(key) for key in ['Home'] + ['ArrowRight'] * (len(steps) - 1)]
                back = [look('ArrowLeft') for _ in steps[1:]]
                self.assertEqual(there[-2::-1], back)
                for at, (step, seen) in enumerate(zip(steps, there), 1):
                    told = f'step {at} of {len(steps)}, {step["side"]}, line {step["line"]}: '
                    sides = []
                    for side, state in sorted(step['state'].items()):
                        line = str(state['line'] or '')
                        sides.append([
                            line + ''.join(text for tag, text in source[side] if str(tag) == line),
                            line * (side == step['side']),
                            f'waits {state["waits"]}' if state['waits'] else 'has ended'
                            if state['ended'] else '' if line else 'has not begun',
                            ' '.join(f'{a} = {b}' for a, b in state['variables'].items()),
                            state['screen']])
                    packets = []
                    for one in step['packets']:
                        to = SIDES[one['from'] == 'client']
                        packets.append([f'packet to-{to}' + ' kernel' * one['kernel'],
                                        f"to the {to}: {one['name']}"
                                        + ' from the kernel' * one['kernel']])
                    self.assertEqual(seen, {
                        'out': [], 'told': told + step['told'], 'sides': sides, 'packets': packets,
                        'kept': [[[mark for mark, new in step['kept'][side] if new or not only]
                                  for side in SIDES] for only in (False, True)]}, told)
                tab.keyboard.press('l')

    def test_the_page_says_of_packets_and_kernels_what_was_recorded(self):
        self.open(WIDE)
        for step in self.steps('tcp-steps') + self.steps('udp-steps'):
            for packet in step['packets']:
                self.assertEqual(packet['name'], packet['data']
                                 or packet['flags'].replace('FIN, ACK', 'FIN'))
            for side, state in step['state'].items():
                kept = [mark for mark, _ in step['kept'][side]]
                socket, queue = state['socket'] or {}, (state.get('listening') or {}).get('queue')
                for mark, there in [(socket.get('state'), socket.get('state')),
                                    (f"{socket.get('unread')} bytes unread", socket.get('unread')),
                                    (f'{queue} in the queue', queue),
                                    ('LISTEN', queue is not None)]:
                    self.assertTrue(not there or mark in kept, (step, mark))

    def test_the_arrow_keys_choose_the_view_but_only_alone(self):
        tab = self.open(WIDE)
        tab.hover('#tcp-server-3 .python')
        tab.wait_for_function(f'() => {{ {QUESTIONS} return lit(seen("#tcp-server-3")[0]) }}')
        for key, view in [('Right', 1), ('Right', 2), ('Left', 1), ('Left', 0), ('Left', -1)]:
            for other in '', 'Control+', 'Meta+', 'Shift+':
                tab.keyboard.press(f'{other}Arrow{key}')
                self.shown('section').to_have_id(VIEWS[view])
        self.assertTrue(self.ask('''dispatchEvent(new KeyboardEvent('keydown', {
            key: 'ArrowLeft', altKey: true, cancelable: true }))'''))  # the browser's: back

    def test_keys_buttons_slider_and_calls_lead_to_their_step(self):
        tab = self.open(WIDE, 'tcp-steps')
        key, click, slide = tab.keyboard.press, tab.click, tab.locator('#slider').fill
        last = len(self.steps('tcp-steps'))
        for what, at in [
                ('ArrowRight', 2), ('Space', 3), ('ArrowLeft', 2), ('End', last),
                ('ArrowRight', last), ('Home', 1), ('ArrowLeft', 1), ('Control+ArrowRight', 1),
                ('#forward', 2), ('#last', last), ('#back', last - 1), ('#first', 1), ('14', 14),
                ('ArrowRight', 15), ('.chosen a:has-text("accept")', 12)]:
            (click if what[0] in '.#' else slide if what == '14' else key)(what)
            expect(tab.locator('#count')).to_have_text(f'{at} of {last}')
            expect(tab).to_have_url(f'{url}#tcp-step-{at}')
        for act, what, other in (key, 'l', 'python'), (click, '#language', 'rust'):
            act(what)
            self.shown(f'[data-language={other}]').to_have_count(0)

    def test_an_address_opens_its_step_with_its_lines_in_view(self):
        for size in PROJECTOR:
            self.open(size, 'tcp-step-57', reduced_motion='reduce')
            self.assertEqual(self.ask('look()')['out'], [], size)

    def test_who_wants_no_motion_has_none(self):
        for motion, moves in ('no-preference', True), ('reduce', False):
            self.open(WIDE, 'tcp-step-28', reduced_motion=motion)
            self.assertEqual(self.ask('!!document.getAnimations().length'), moves)
            self.assertEqual(self.ask('style(seen(".code")[0]).scrollBehavior == "smooth"'), moves)

    def test_axe_finds_nothing_wrong_by_day_and_by_night(self):
        for scheme, size in [(a, b) for a in ('light', 'dark') for b in (WIDE, NARROW)]:
            self.open(size, 'tcp-step-28', color_scheme=scheme, reduced_motion='reduce')
            self.accessible()
            self.ask('bare()')
            self.accessible()

    def test_all_is_shown_without_scripts_and_on_paper(self):
        for scripts, media in (False, 'screen'), (True, 'print'):
            tab = self.open(A4, color_scheme='dark', java_script_enabled=scripts)
            tab.emulate_media(media=media)
            self.shown('section').to_have_count(len(VIEWS))
            steps = sum(len(self.steps(view)) for view in STEPS)
            self.shown('.steps tbody tr').to_have_count(steps)
            self.shown('.stage, .steps .diagram, .controls').to_have_count(0)
        expect(tab.locator('body')).to_have_css('background-color', 'rgb(255, 255, 255)')
        self.assertEqual(self.ask('fits(0)'), [])
        self.accessible()

    def test_it_needs_no_network_and_300_kib(self):
        self.open(WIDE)
        self.assertEqual([one for one in self.heard if not one.startswith((url, 'data:'))], [])
        self.assertNotRegex(path.read_text('utf-8'), r'(?:src|href)="(?!#|data:)|url\(|@import')
        self.assertLessEqual(path.stat().st_size, 300 << 10)


chromium = shutil.which('chromium') or shutil.which('google-chrome') \
    or sys.exit('chromium is missing; get it from the package chromium of your system')
path = Path(sys.argv.pop() if len(sys.argv) > 1 else subprocess.check_output(
    [TOP / 'scripts/side-by-side.sh', '--html'], text=True).rstrip('\n')).resolve()
url = path.as_uri()
with sync_playwright() as playwright:
    # The page is our own: no sandbox, which not every system gives.
    browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
    unittest.main(verbosity=2)
