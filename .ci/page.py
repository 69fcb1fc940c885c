"""Tests the page of side-by-side.sh, in a Chromium without a window: all is there
and in order, links and addresses land, nothing overflows at 1280 and 390 pixels,
the text stands out by day, by night and on paper, the steps are those that were
recorded, and the page works by keys, without a network and without scripts.

    python3 .ci/page.py [--screenshots DIR] [PAGE]     [default: a new page]
"""
import argparse
import json
import re
import shutil
import subprocess
import sys
from itertools import zip_longest
from pathlib import Path
from time import monotonic

try:
    from playwright.sync_api import sync_playwright
except ImportError:
    sys.exit('playwright is missing; get it with python3 -m pip install playwright')

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']
STEPS = ['tcp-steps', 'udp-steps']
VIEWS = PROGRAMS + STEPS
WIDE, NARROW, PAPER = (1280, 800), (390, 844), (703, 1000)  # paper: A4 without its margins
PROJECTOR = 1280, 720
QUESTIONS = (TOP / '.ci/page.js').read_text('utf-8')
failures = 0


def check(what, wrong):
    """Prints a check and what is wrong, if anything."""
    global failures
    failures += bool(wrong)
    print('not ok' if wrong else 'ok    ', what)
    for one in wrong[:5] + [f'and {len(wrong) - 5} more'] * (len(wrong) > 5):
        print('        ', one, flush=True)


class Page:
    """The page in the browser; each tab is a fresh one."""

    def __init__(self, browser, path):
        self.browser, self.url, self.tab, self.heard = browser, path.as_uri(), None, []

    def open(self, size, view='', **more):
        if self.tab:
            self.tab.context.close()
        self.heard = []         # what it asks of the network, and its errors
        self.tab = self.browser.new_page(viewport=dict(zip(('width', 'height'), size)),
                                         is_mobile=size == NARROW, **more)
        self.tab.on('request', lambda request: self.heard.append(request.url))
        self.tab.on('pageerror', lambda error: self.heard.append(str(error)))
        self.tab.goto(f'{self.url}#{view}')

    def ask(self, question):
        return self.tab.evaluate(f'(async () => {{ {QUESTIONS}; return {question}; }})()')

    def comes(self, ask, expected):
        """What is there once it is what is expected, or in the end: a browser tells
        its page of a new address when it has the time."""
        end = monotonic() + 15
        while (found := ask()) != expected and monotonic() < end:
            self.tab.wait_for_timeout(20)
        return found

    def shown(self):
        return [one.get_attribute('id') for one in self.tab.locator('main > section').all()
                if one.is_visible()]


def rust_of(name):
    """main.rs as the page shows it: without tags, notes on lines of their own; each
    line with the tag that holds."""
    tag = ''
    for line in (TOP / name / 'src/main.rs').read_text('utf-8').splitlines():
        line, new = re.fullmatch(r'(.*?)(?: *// (\+|\d+))?', line).groups()
        tag = new or tag
        code, note = re.fullmatch(r'(.*?)((?<!/)// .*)?', line).groups()
        for part in filter(str.strip, (code.rstrip(), (note or '').replace('`', ''))):
            yield tag, part


def python_of(name):
    return (TOP / name / f'{name.replace("-", "_")}.py').read_text('utf-8').splitlines()


def contents(page):
    page.open(WIDE)
    found = {one['name']: one for one in page.ask('contents()')}
    wrong = [] if list(found) == PROGRAMS else [f'the programs are {list(found)}']
    for name, one in found.items():
        python = [[f'{name}-{at}', str(at), line] for at, line in enumerate(python_of(name), 1)]
        rust = [line for _, line in rust_of(name)]
        for got, expected in (one['python'], python), (one['rust'], rust):
            wrong += [f'{name}: {a!r} is not {b!r}'
                      for a, b in zip_longest(got, expected) if a != b][:1]
        if one['calls'] < 8 or [len(text.splitlines()) > 3 for text in one['screens']] != [1, 1]:
            wrong.append(f'{name}: {one["calls"]} calls, the screens {one["screens"]}')
    check('all Python, all Rust, the diagrams and the screens are there, in order', wrong)
    return {name[:3]: one['screens'] for name, one in found.items()}


def sizes(page, size, code, label):
    page.open(size)
    wrong = []
    for view in VIEWS:
        page.ask(f'go("#{view}")')
        least = code
        if view in STEPS:       # both programs on one screen
            least = min(code, 15)
            page.tab.keyboard.press('End')
        wrong += [f'{view}: {one}' for one in page.ask(f'fits({size[0]}, {least}, {label})')]
    check(f'nothing overflows or is too small at {size[0]} pixels', wrong)

    found = page.ask('links()')
    check(f'{found["followed"]} links land at {size[0]} pixels', found['wrong'])

    wrong = []
    for name, number in zip(PROGRAMS, (14, 9, 2, 13)):
        page.open(size, f'{name}-{number}')
        ground = '[...all(":scope > *", row), row].map(one => style(one).backgroundColor)'
        lit = page.ask(f'''(row => inSight(row) && new Set({ground}).size === 1
            && style(row.previousElementSibling).backgroundColor !== style(row).backgroundColor
            )(document.getElementById('{name}-{number}'))''')
        if page.shown() != [name] or not lit:
            wrong.append(f'#{name}-{number} shows {page.shown()}, lit up: {lit}')
    check(f'an address opens its program at its line, lit up, at {size[0]} pixels', wrong)


def hands(page):
    page.open(WIDE)
    ground = 'style(document.querySelector("#tcp-server-3 .python")).backgroundColor'
    before = page.ask(ground)
    page.tab.hover('#tcp-server-3 .rust')
    check('a row lights up under the pointer', [before] * (before == page.ask(ground)))

    wrong = []
    for key, view in [('ArrowRight', 'tcp-client'), ('ArrowRight', 'udp-server'),
                      ('Control+ArrowLeft', 'udp-server'), ('Meta+ArrowLeft', 'udp-server'),
                      ('Shift+ArrowLeft', 'udp-server'), ('ArrowLeft', 'tcp-client'),
                      ('ArrowLeft', 'tcp-server'), ('ArrowLeft', 'udp-steps')]:
        page.tab.keyboard.press(key)
        shown = page.comes(page.shown, [view])
        if shown != [view]:
            wrong.append(f'{key} shows {shown}, not {view}')
    if page.ask('''!dispatchEvent(new KeyboardEvent('keydown',
            { key: 'ArrowLeft', altKey: true, cancelable: true }))'''):
        wrong.append('Alt and an arrow no longer goes back')
    check('the arrow keys choose the view, but only alone', wrong)


def source_of(name, language, number):
    """All lines of a program that belong to a number."""
    if language == 'Python':
        return [python_of(name)[number - 1]]
    return [line for tag, line in rust_of(name) if tag == str(number)]


def masked(screen):
    return re.sub(r'\[.{24}\]|\d+\)', '…', screen).rstrip()


def walk(page, view, transcripts):
    """Each step shows what was recorded, in both languages, there and back."""
    page.open(PROJECTOR, view, reduced_motion='reduce')
    recorded = page.ask('recording()')
    wrong = []
    for call, step in page.ask("""all('.chosen svg a').slice(2).map(link =>
            [link.textContent, +link.getAttribute('href').split('-').pop()])"""):
        leads = '{call} {line}'.format(**recorded[step - 1])
        wrong += [f'{call} leads to {leads}'] * (call != leads)
    check(f'the calls in the diagram of {view} lead to their steps', wrong)

    for language in 'Python', 'Rust':
        walked = page.ask('walk()')
        wrong = walked['wrong']
        if language == 'Python' and page.ask(
                "seen('.code').some(code => code.scrollHeight > code.clientHeight)"):
            wrong.append('a program must be scrolled')
        for at, (seen, step) in enumerate(zip_longest(walked['seeing'], recorded), 1):
            other = 'server' if step['side'] == 'client' else 'client'
            expected = {'count': f'step {at} of {len(recorded)}',
                        'arrow': [f'arrow to-{other}'] * bool(step['packet']), 'sides': []}
            for side, state in sorted(step['state'].items()):
                name, line = f'{view[:3]}-{side}', state['line']
                expected['sides'].append({
                    'lit': [[str(line)], source_of(name, language, line)] if line else [[], []],
                    'acts': bool(line) and side == step['side'],
                    'does': f'waits {state["waits"]}' if state['waits'] else 'has ended'
                    if state['ended'] else '' if line else 'has not begun',
                    'variables': [f'{a} = {b}' for a, b in state['variables'].items()],
                    'screen': state['screen']})
            told = seen.pop('told')
            start = f'step {at} of {len(recorded)}, {step["side"]}, line {step["line"]}: '
            if not told.startswith(start) or (step['packet'] or {'text': ''})['text'] not in told:
                wrong.append(f'step {at} is told as {told}')
            if seen != expected:
                wrong.append(f'step {at} in {language} is {seen}, not {expected}')
        check(f'{view} walks there and back through {len(recorded)} steps in {language}', wrong)
        page.tab.keyboard.press('l')

    last = [masked(side['screen']) for side in seen['sides']]
    ours = [masked(text.partition('\n')[2]) for text in transcripts]   # without the command
    check(f'{view} ends with the screens of the programs', [f'{last} not {ours}'] * (last != ours))


def moves(page):
    page.open(WIDE, 'tcp-steps')
    tab, last, wrong = page.tab, len(page.ask('recording()')), []
    key, slide = tab.keyboard.press, tab.locator('#slider').fill
    for act, what, at in [
            (key, 'ArrowRight', 2), (key, 'Space', 3), (key, 'ArrowLeft', 2), (key, 'End', last),
            (key, 'ArrowRight', last), (key, 'Home', 1), (key, 'ArrowLeft', 1),
            (key, 'Control+ArrowRight', 1), (tab.click, '#forward', 2), (tab.click, '#last', last),
            (tab.click, '#back', last - 1), (tab.click, '#first', 1), (slide, '14', 14),
            (key, 'ArrowRight', 15), (tab.click, '.chosen a:has-text("accept")', 12)]:
        act(what)
        for ask, expected in [(lambda: tab.text_content('#count'), f'step {at} of {last}'),
                              (lambda: tab.url, f'{page.url}#tcp-step-{at}')]:
            found = page.comes(ask, expected)
            if found != expected:
                wrong.append(f'{what} leads to {found}, not {expected}')
    for act, what, language in (key, 'l', 'rust'), (tab.click, '#language', 'python'):
        act(what)
        if page.ask("[...new Set(seen('.source').map(one => one.dataset.language))]") != [language]:
            wrong.append(f'{what} does not show {language}')
    for size in WIDE, NARROW:
        page.open(size, 'udp-step-22')
        if page.tab.text_content('#count')[:8] != 'step 22 ' or page.shown() != ['udp-steps']:
            wrong.append(f'#udp-step-22 shows {page.tab.text_content("#count")}')
    check('keys, buttons, slider, calls and addresses lead to their step', wrong)

    moving = []
    for motion in 'no-preference', 'reduce':
        page.open(WIDE, 'tcp-step-28', reduced_motion=motion)
        moving.append(page.ask("""[document.getAnimations().length > 0,
            style(seen('.code')[0]).scrollBehavior]"""))
    check('who wants no motion has none',
          [moving] * (moving != [[True, 'smooth'], [False, 'auto']]))


def colours(page):
    for scheme, time in ('light', 'day'), ('dark', 'night'):
        page.open(WIDE, color_scheme=scheme)
        wrong = []
        for view in PROGRAMS + ['tcp-steps', 'tcp-step-32', 'tcp-step-28', 'udp-step-24']:
            page.ask(f'go("#{view}")')
            wrong += page.ask('contrast()')
        page.tab.keyboard.press('l')
        wrong += page.ask('contrast()')
        check(f'the text stands out by {time}', wrong)

    page.open(PAPER, color_scheme='dark')
    page.tab.emulate_media(media='print')
    wrong = page.ask(f'[...fits({PAPER[0]}, 0, 0), ...contrast()]')
    white = page.ask('style(document.body).backgroundColor') == 'rgb(255, 255, 255)'
    if not everything(page) or not white:
        wrong.append(f'it shows {page.shown()}, on white: {white}')
    check('all is printed, in light colours', wrong)


def everything(page):
    """Whether all views are shown, those of steps as a table of all steps."""
    return page.shown() == VIEWS and page.ask("""all('.steps').every(one => [
        JSON.parse(one.querySelector('script').text).length, 0, 0].join() === [
        'tbody tr', '.code', '.diagram'].map(part => all(part, one).filter(
            each => each.getClientRects().length).length).join()) && !seen('.controls').length""")


def alone(page, text):
    page.open(WIDE)
    wrong = [one for one in page.heard if one != page.url and not one.startswith('data:')]
    wrong += re.findall(r'''(?:src|href)=["']?(?!#|data:)[^"'\s>]+|url\([^)]*\)|@import''', text)
    check('the page needs nothing but itself', wrong)
    size = len(text.encode())
    check('the page has at most 300 KiB', [size] * (size > 300 << 10))
    page.open(WIDE, java_script_enabled=False)
    check('without scripts it shows all', [page.shown()] * (not everything(page)))


def photograph(page, folder):
    folder.mkdir(parents=True, exist_ok=True)
    page.open(WIDE, 'tcp-steps')
    recorded = page.ask('recording()')
    steps = [1, len(recorded)]
    for wanted in '"waits": "for a connection"', '"text": "hello"':
        steps.append(next(at for at, step in enumerate(recorded, 1) if wanted in json.dumps(step)))
    for scheme in 'light', 'dark':
        for size in PROJECTOR, NARROW:
            for view in PROGRAMS + [f'tcp-step-{at}' for at in steps]:
                page.open(size, view, color_scheme=scheme, reduced_motion='reduce')
                page.tab.screenshot(path=folder / f'{view}-{size[0]}-{scheme}.png',
                                    full_page=view in PROGRAMS)
    page.tab.pdf(path=folder / 'print.pdf', prefer_css_page_size=True)
    print(f'pictures in {folder}')


def main():
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--screenshots', metavar='DIR', type=Path)
    arguments.add_argument('page', nargs='?', type=Path)
    given = arguments.parse_args()
    chromium = shutil.which('chromium') or shutil.which('google-chrome') \
        or sys.exit('chromium is missing; get it from the package chromium of your system')
    path = given.page or Path(subprocess.check_output(
        [TOP / 'scripts/side-by-side.sh', '--html'], universal_newlines=True).rstrip('\n'))
    with sync_playwright() as playwright:
        # The page is our own: no sandbox, which not every system gives.
        page = Page(playwright.chromium.launch(executable_path=chromium, args=['--no-sandbox']),
                    path.resolve())
        transcripts = contents(page)
        sizes(page, WIDE, 18, 17)
        sizes(page, NARROW, 14, 13)
        hands(page)
        for view in STEPS:
            walk(page, view, transcripts[view[:3]])
        moves(page)
        colours(page)
        alone(page, path.read_text('utf-8'))
        if given.screenshots:
            photograph(page, given.screenshots)
    if failures:
        sys.exit(f'page.py: {failures} checks failed')


if __name__ == '__main__':
    main()
