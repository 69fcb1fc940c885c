#!/usr/bin/env python3
"""Tests the page in a Chromium without a window: page.py [PAGE…], by default those in scripts/"""
import json
import re
import shutil
import sys
import unittest
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

TOP = Path(__file__).resolve().parent.parent
SIDES = ['client', 'server']
WIDE, NARROW, A4 = (1280, 800), (390, 844), (703, 1000)
PROJECTOR = [(1280, 720), (1024, 576), (853, 480)]  # at 100, 125, 150 %

# What the tests ask in the page: what is wider than the window or its own box, or has type below 13
# pixels; what is seen of a step, and which lit lines are out of sight.
QUESTIONS = '''
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
});'''


def marks_of(sockets):
    return [(one['side'], one['ports'], mark) for one in sockets
            for mark in (one['state'], *one['marks'])]


def states(recording):
    """After each step, what is on each side: who, output, line; and the sockets."""
    sides, programs, sockets = {side: (side, '', None) for side in SIDES}, {}, []
    for step in recording['steps']:
        who, sockets = step.get('who'), step.get('sockets', sockets)
        if who:
            _, screen, line = programs.get(who, (who, '', None))
            screen = step.get('screen', screen + step.get('more', ''))
            kept = step['event'] == 'action' and 'screen' not in step
            programs[who] = who, screen, line if kept else step.get('line')
            sides = {**sides, who.split()[0]: programs[who]}
        yield sides, sockets


class Page(unittest.TestCase):
    def open(self, size, view='', **more):
        """A new tab; heard is what it asks of the network, and its errors."""
        self.heard = []
        self.tab = browser.new_page(viewport=dict(zip(('width', 'height'), size)),
                                    is_mobile=size == NARROW, **more)
        self.addCleanup(self.tab.context.close)
        for what in 'request', 'pageerror':
            self.tab.on(what, lambda one: self.heard.append(getattr(one, 'url', str(one))))
        self.tab.goto(f'{url}#{view}')
        self.data = json.loads(self.tab.locator('#data').text_content())
        self.recordings = self.data['recordings']
        return self.tab

    def ask(self, question):
        return self.tab.evaluate(f'() => {{ {QUESTIONS} return {question}; }}')

    def accessible(self):
        self.assertEqual([], [(one['help'], one['nodes'][0]['html'])
                              for one in Axe().run(self.tab).response['violations']])

    def expected(self, recording):
        """What is to be seen at each stop."""
        all_states, before = list(states(recording)), -1
        label, marks_before = self.data['texts']['screen_of'], []
        for number in recording['stops']:
            step, (sides, sockets) = recording['steps'][number], all_states[number]
            new = recording['steps'][before + 1:number + 1]
            marks = marks_of(sockets)
            yield {
                'out': [], 'caption': step['caption'], 'new': bool({*marks} - {*marks_before}),
                'packets': [packet['flags'] for one in new for packet in one.get('packets', [])],
                'sides': [[label.format(who=who) + screen, str(line or ''),
                           bool(line) and step.get('who') == who,
                           [mark for at, _, mark in marks if at == side]]
                          for side, (who, screen, line) in sides.items()]}
            before, marks_before = number, marks

    def test_each_stop_shows_what_was_recorded_there_and_back(self):
        self.open(PROJECTOR[0], reduced_motion='reduce')
        for name, recording in self.recordings.items():
            self.tab.goto(f'{url}#{name}-step-1')
            self.tab.locator('#questions').evaluate('one => { one.checked = false; }')
            stops = recording['stops']
            there = [self.ask('look()')] + [self.tab.keyboard.press('PageDown')
                                            or self.ask('look()') for _ in stops[1:]]
            back = [self.tab.keyboard.press('PageUp') or self.ask('look()') for _ in stops[1:]]
            self.assertEqual(there[-2::-1], back, name)
            self.assertEqual(there[-1]['note'], ''.join(recording['rust']), name)
            for number, seen, expected in zip(stops, there, self.expected(recording)):
                self.assertTrue(seen.pop('caption').endswith(expected.pop('caption')))
                del seen['note']
                self.assertEqual(seen, expected, f'{name}, step {number + 1}')

    def test_a_question_stands_before_its_answer_and_one_switch_turns_them_off(self):
        tab = self.open(WIDE, 'hello-tcp-step-17')
        question = self.recordings['hello-tcp']['steps'][17]['asks'][0]
        caption, count = tab.locator('#caption'), tab.locator('#count')
        size = 'type(seen("#caption")[0])'
        usual = self.ask(size)
        for key, at, is_question in [
                ('n', 17, True), ('PageUp', 17, False), ('ArrowRight', 17, True),
                ('PageDown', 18, False), ('PageUp', 17, False), ('q', 17, False),
                ('PageDown', 18, False)]:
            tab.keyboard.press(key)
            expect(count).to_have_text(re.compile(str(at)))
            self.assertEqual(caption.text_content() == question, is_question, key)
            self.assertEqual(self.ask(size) > usual, is_question, key)

    def test_keys_buttons_and_the_menu_lead_where_they_say(self):
        tab = self.open(WIDE, 'hello-tcp-step-1')
        hello, queue = self.recordings['hello-tcp'], self.recordings['queue-tcp']
        tab.keyboard.press('q')
        last, imports = len(hello['steps']), hello['stops'][0] + 1
        self.assertIn(len(hello['events']), range(11, 17))
        for what, at in [
                ('ArrowRight', imports + 1), (' ', imports + 2), ('ArrowLeft', imports + 1),
                ('End', last), ('ArrowRight', last), ('PageUp', last - 1), ('Home', imports),
                ('ArrowUp', imports), ('n', hello['events'][0] + 1), ('Control+ArrowRight', 9),
                ('#first', imports), ('#forward', imports + 1), ('#back', imports),
                ('#next', hello['events'][0] + 1), ('#next', hello['events'][1] + 1)]:
            (tab.click if what[0] == '#' else tab.keyboard.press)(what)
            expect(tab).to_have_url(f'{url}#hello-tcp-step-{at}')
        tab.select_option('#scenario', 'queue-tcp')
        expect(tab).to_have_url(f"{url}#queue-tcp-step-{queue['stops'][0] + 1}")
        for act, what, other in [(tab.keyboard.press, 'l', 'python'),
                                 (tab.click, '#language', 'rust')]:
            act(what)
            self.assertEqual(self.ask(f"seen('.code .{other}').length"), 0)
        for key, dialog in ('?', '#keys'), ('w', '#words'):
            tab.locator('#language').evaluate('one => one.blur()')
            tab.keyboard.press(key)
            expect(tab.locator(dialog)).to_be_visible()
            tab.keyboard.press('Escape')
        tab.goto(f'{url}#hello-tcp-step-18')
        words = set(tab.locator('#stage abbr').all_text_contents())
        self.assertTrue({'SYN', 'ACK', 'LISTEN', 'ESTABLISHED', 'queue'} <= words or 'zh' in url)
        self.assertEqual(tab.locator('#stage abbr:not([title])').count(), 0)

    def test_nothing_overflows_and_links_land(self):
        for size in [WIDE, NARROW, *PROJECTOR]:
            tab = self.open(size, reduced_motion='reduce')
            for name, recording in self.recordings.items():
                tab.goto(f"{url}#{name}-step-{len(recording['steps'])}")
                self.assertEqual(self.ask('fits()'), [], (name, size))
            left, right = self.ask('seen(".side").map(one => box(one).x)')
            self.assertEqual(left < right, size != NARROW)
            if size in PROJECTOR:
                self.assertLessEqual(self.ask('box(seen("#stage")[0]).bottom'), size[1] + 1)
        links = tab.locator('a').evaluate_all('all => all.map(a => a.getAttribute("href"))')
        for link in set(links):
            tab.goto(url + link)
            if '-step-' in link:
                expect(tab.locator('#count')).to_have_text(re.compile(rf"\b{link.split('-')[-1]}\b"))
            else:
                self.assertTrue(self.ask(f'!!document.querySelector("{link}")'), link)
        self.assertGreater(len(set(links)), 100)

    def test_the_acting_line_is_told_by_more_than_a_tint_and_motion_can_be_reduced(self):
        for scheme, motion, scroll in [('light', 'no-preference', 'smooth'),
                                       ('dark', 'reduce', 'auto')]:
            self.open(WIDE, 'hello-tcp-step-18', color_scheme=scheme, reduced_motion=motion)
            self.assertEqual(self.ask('style(seen(".code")[0]).scrollBehavior'), scroll)
            acts, waits = self.ask('''[".acts", ".lit:not(.acts)"].map(one => style(seen(one)[0]))
                .map(one => [one.fontWeight >= 700, one.borderLeftColor])''')
            self.assertTrue(acts[0] and not waits[0] and acts[1] != waits[1])

    def test_axe_finds_nothing_wrong_by_day_and_by_night(self):
        for scheme, size in [(a, b) for a in ('light', 'dark') for b in (WIDE, NARROW)]:
            for key in '', 'PageDown', 'w':
                tab = self.open(size, 'hello-tcp-step-17', color_scheme=scheme,
                                reduced_motion='reduce')
                if key:
                    tab.keyboard.press(key)
                self.accessible()

    def test_programs_and_hello_are_shown_without_scripts_and_on_paper(self):
        for scripts, media in (False, 'screen'), (True, 'print'):
            tab = self.open(A4, color_scheme='dark', java_script_enabled=scripts)
            tab.emulate_media(media=media)
            self.assertEqual(self.ask('seen(".program, .hello").length') if scripts else 6, 6)
            rows = sum('call' in step for one in ('tcp', 'udp')
                       for step in self.recordings[f'hello-{one}']['steps'])
            expect(tab.locator('.sequence tbody tr').filter(visible=True)).to_have_count(rows)
            expect(tab.locator('#stage')).to_be_hidden()
        expect(tab.locator('body')).to_have_css('background-color', 'rgb(255, 255, 255)')
        self.assertEqual([one for one in self.ask('fits()') if 'wide' in one], [])
        self.accessible()

    def test_the_sheet_has_the_chosen_questions_and_their_answers_apart(self):
        tab = self.open(WIDE, 'sheet')
        tab.check('input[value="queue-tcp"]')
        count = sum(len(step.get('asks', [])) for name in ('hello-tcp', 'queue-tcp')
                    for step in self.recordings[name]['steps'])
        shown = tab.locator('#sheet li').filter(visible=True)
        expect(shown).to_have_count(count)
        tab.evaluate('document.body.classList.add("only-sheet")')
        tab.emulate_media(media='print')
        expect(shown).to_have_count(2 * count)
        expect(tab.locator('.program').first).to_be_hidden()

    def test_it_needs_no_network_and_at_most_700_kib(self):
        self.open(WIDE)
        self.assertEqual([one for one in self.heard if not one.startswith((url, 'data:'))], [])
        self.assertNotRegex(path.read_text('utf-8'), r'(?:src|href)="(?!#|data:)|url\(|@import')
        self.assertLessEqual(path.stat().st_size, 700 << 10)


chromium = shutil.which('chromium') or shutil.which('google-chrome') \
    or sys.exit('chromium is missing; get it from the package chromium of your system')
pages = sys.argv[1:] or sorted(map(str, (TOP / 'scripts').glob('page*.html')))
with sync_playwright() as playwright:
    # The page is our own: no sandbox, which not every system gives.
    browser = playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox'])
    for path in map(Path, pages):
        url = path.resolve().as_uri()
        print(path, flush=True)
        if not unittest.main(argv=['page.py'], verbosity=2, exit=False).result.wasSuccessful():
            sys.exit(1)
