#!/usr/bin/env python3
"""Tests the page of side-by-side.sh: check_page.py ORDERS ANSWERS PAGE DIR

check-page.sh runs it. ORDERS and ANSWERS are the pipes of a browser that was
started with --remote-debugging-pipe; DIR is for pictures, '' for none.
"""
import base64
import json
import re
import signal
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
PROGRAMS = ['tcp-server', 'tcp-client', 'udp-server', 'udp-client']
WIDE, NARROW = (1280, 800), (390, 844)


class Browser:
    """A tab, driven by the DevTools protocol: JSON, each message ended by \\0."""

    def __init__(self, orders, answers):
        self.orders = open(orders, 'wb', buffering=0)
        self.answers = open(answers, 'rb')
        self.number, self.session = 0, None
        self.events = []
        target = self('Target.createTarget', url='about:blank')['targetId']
        self.session = self('Target.attachToTarget', targetId=target, flatten=True)['sessionId']
        for domain in 'Page', 'Runtime', 'Network':
            self(domain + '.enable')

    def __call__(self, method, **params):
        """Gives an order and returns its answer."""
        self.number += 1
        order = {'id': self.number, 'method': method, 'params': params}
        if self.session:
            order['sessionId'] = self.session
        self.orders.write(json.dumps(order).encode() + b'\0')
        while True:
            message = self.read()
            if message.get('id') == self.number:
                if 'error' in message:
                    raise RuntimeError(f'{method}: {message["error"]["message"]}')
                return message['result']
            self.events.append(message)

    def read(self):
        message = bytearray()
        while not message.endswith(b'\0'):
            byte = self.answers.read(1)
            if not byte:
                sys.exit('check-page.sh: the browser ended')
            message += byte
        return json.loads(message[:-1])

    def open(self, url):
        """Loads a page anew and waits until it is there, its scripts too."""
        for one in 'about:blank', url:
            self.events.clear()
            self('Page.navigate', url=one)
            while not any(event.get('method') == 'Page.loadEventFired' for event in self.events):
                self.events.append(self.read())

    def run(self, script):
        """Runs JavaScript and returns its value, awaited."""
        answer = self('Runtime.evaluate', expression=script, returnByValue=True,
                      awaitPromise=True)
        if 'exceptionDetails' in answer:
            raise RuntimeError(answer['exceptionDetails']['exception']['description'])
        return answer['result'].get('value')

    def window(self, size, dark=False, media=''):
        self('Emulation.setDeviceMetricsOverride', width=size[0], height=size[1],
             deviceScaleFactor=1, mobile=size == NARROW)
        scheme = {'name': 'prefers-color-scheme', 'value': 'dark' if dark else 'light'}
        self('Emulation.setEmulatedMedia', media=media, features=[scheme])

    def key(self, key, modifiers=0):
        for kind in 'rawKeyDown', 'keyUp':
            self('Input.dispatchKeyEvent', type=kind, key=key, code=key, modifiers=modifiers)
        self.run('new Promise(done => setTimeout(done, 20))')


# ── What the page is asked; each answers with a list of what is wrong ─────────

# Goes to an address within the page; returns when the page has followed.
GO = '''var go = hash => new Promise(done => {
    if (location.hash === hash) return done();
    addEventListener('hashchange', () => setTimeout(done), { once: true });
    location.hash = hash;
});'''

LINES = '''[...document.querySelectorAll('.program')].map(program => ({
    name: program.id,
    rows: [...program.querySelectorAll('.row[id]')].filter(row => /-\\d+$/.test(row.id)
        && !row.id.includes('plus')).map(row => ({
            id: row.id,
            number: row.querySelector('.number').textContent,
            python: row.querySelector('.python').textContent })),
    rust: [...program.querySelectorAll('.rust .src, .rust .note')].map(part => ({
        note: part.matches('.note'), text: part.textContent })),
    calls: program.querySelectorAll('svg a').length,
    screens: [...program.querySelectorAll('.screen pre')].map(screen => screen.textContent),
}))'''

# Follows every link that can be seen: the target must show below the navigation.
LINKS = GO + '''(async () => {
    const wrong = [], navigation = document.querySelector('nav');
    let followed = 0;
    for (const program of document.querySelectorAll('.program')) {
        const links = [...document.querySelectorAll('nav a'), ...program.querySelectorAll('a')];
        for (const link of links) {
            const href = link.getAttribute('href');
            await go('#' + program.id);
            if (href !== location.hash) {
                const followed = new Promise(done => {
                    addEventListener('hashchange', () => setTimeout(() => done(true)), { once: true });
                    setTimeout(() => done(false), 1000);
                });
                link.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true }));
                if (!await followed) { wrong.push(`${href} leads nowhere`); continue; }
            }
            const target = document.getElementById(href.slice(1));
            if (!target) { wrong.push(`${href} has no target`); continue; }
            const box = target.getBoundingClientRect();
            const bar = navigation.getBoundingClientRect().bottom;
            const whole = target.matches('.program');
            if (!box.height || box.top < bar - 1 || !whole && box.bottom > innerHeight)
                wrong.push(`${href} from ${program.id} is out of sight: ${box.top}`);
            followed++;
        }
    }
    return { wrong, followed };
})()'''

WIDTH = '''(width => {
    const wrong = [], name = one => one.tagName + '.' + (one.getAttribute('class') || one.id);
    if (innerWidth !== width) wrong.push(`the window is ${innerWidth} wide`);
    if (document.documentElement.scrollWidth > width)
        wrong.push(`the page is ${document.documentElement.scrollWidth} wide`);
    for (const one of document.body.querySelectorAll('*')) {
        const box = one.getBoundingClientRect();
        if (box.width && (box.left < -0.5 || box.right > width + 0.5))
            wrong.push(`${name(one)} reaches from ${box.left} to ${box.right}`);
        if (one instanceof HTMLElement && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
            wrong.push(`${name(one)} is too narrow for its contents`);
    }
    for (const drawing of document.querySelectorAll('svg')) {
        const boxes = [...drawing.querySelectorAll('text')].map(text =>
            [text.textContent, text.getBoundingClientRect()]).filter(pair => pair[1].width);
        boxes.forEach(([text, box], at) => boxes.slice(at + 1).forEach(([other, its]) => {
            if (box.left < its.right && its.left < box.right
                && box.top + 3 < its.bottom && its.top + 3 < box.bottom)
                wrong.push(`${text} overlaps ${other} in the diagram`);
        }));
    }
    return wrong;
})(%d)'''

# The size of type that the smallest code and the smallest label have, in pixels.
TYPE = '''(() => {
    const code = [...document.querySelectorAll('.chosen :is(.src, pre, .note)')].map(one =>
        parseFloat(getComputedStyle(one).fontSize));
    const labels = [...document.querySelectorAll('.chosen svg text')].map(one =>
        parseFloat(getComputedStyle(one).fontSize) * one.getScreenCTM().a);
    return [Math.min(99, ...code), Math.min(99, ...labels)];
})()'''

# The contrast of all text (WCAG 2, AA: 4.5), in a row also while it is lit up.
CONTRAST = '''(() => {
    const wrong = new Set();
    let least = 21;
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = colour => {
        const [r, g, b] = numbers(colour).map(one => {
            const c = one / 255;
            return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const probe = document.body.appendChild(document.createElement('p'));
    const states = ['--hover', '--target'].map(state => {
        probe.style.backgroundColor = `var(${state})`;
        return getComputedStyle(probe).backgroundColor;
    });
    probe.remove();
    for (const one of document.body.querySelectorAll('*')) {
        const own = [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim());
        if (!own || !one.getClientRects().length || one.closest('script')) continue;
        const style = getComputedStyle(one);
        const colour = one.closest('svg') ? style.fill : style.color;
        let behind = one;
        while (behind && numbers(getComputedStyle(behind).backgroundColor)[3] === 0)
            behind = behind.parentElement;
        const grounds = [behind ? getComputedStyle(behind).backgroundColor : 'rgb(255, 255, 255)'];
        if (one.closest('.row')) grounds.push(...states);
        for (const ground of grounds) {
            const [dark, bright] = [light(colour), light(ground)].sort((a, b) => a - b);
            const contrast = (bright + 0.05) / (dark + 0.05);
            least = Math.min(least, contrast);
            if (!(contrast >= 4.5)) wrong.add(`${colour} on ${ground}: ${contrast.toFixed(2)}, `
                + one.textContent.trim().slice(0, 30));
        }
    }
    return { wrong: [...wrong], least };
})()'''


# ── The checks ────────────────────────────────────────────────────────────────

failures = 0


def check(what, wrong):
    """Prints a check and what is wrong, if anything."""
    global failures
    failures += bool(wrong)
    print(('not ok' if wrong else 'ok    '), what)
    for one in wrong[:5]:
        print('        ', one)
    if len(wrong) > 5:
        print(f'         and {len(wrong) - 5} more')
    sys.stdout.flush()


def lines(browser):
    wrong, count = [], 0
    page = browser.run(LINES)
    if [program['name'] for program in page] != PROGRAMS:
        wrong.append(f'the programs are {[program["name"] for program in page]}')
    for program in page:
        name = program['name']
        python = (TOP / name / f'{name.replace("-", "_")}.py').read_text('utf-8').splitlines()
        expected = [{'id': f'{name}-{number}', 'number': str(number), 'python': line}
                    for number, line in enumerate(python, 1)]
        count += len(expected)
        if len(program['rows']) != len(expected):
            wrong.append(f'{name} has {len(program["rows"])} of {len(expected)} lines')
        wrong += [f'{name}: {row} is not {line}'
                  for row, line in zip(program['rows'], expected) if row != line]
        wrong += rust(name, program['rust'])
    check(f'the {count} lines of Python and all of their Rust are there, in order', wrong)

    wrong = [f'{program["name"]}: {program["calls"]} calls, {len(program["screens"])} screens'
             for program in page if program['calls'] < 8 or len(program['screens']) != 2
             or not all(len(screen.splitlines()) > 3 for screen in program['screens'])]
    check('each program has a diagram with its calls, and both screens', wrong)


def rust(name, parts):
    """Compares the Rust of a program with its main.rs, without the tags."""
    parts = list(parts)
    for line in (TOP / name / 'src/main.rs').read_text('utf-8').splitlines():
        line = re.sub(r'\s*// (\+|\d+(-\d+)?)$', '', line)
        while parts and not parts[0]['text']:
            parts.pop(0)        # an empty line
        rest = line
        if parts and not parts[0]['note'] and line.startswith(parts[0]['text']):
            rest = line[len(parts.pop(0)['text']):]
        if rest.strip() and parts and parts[0]['note'] \
                and rest.strip().replace('`', '') == '// ' + parts[0]['text']:
            rest = ''
            parts.pop(0)
        if rest.strip():
            return [f'{name}: {line.strip()!r} of main.rs is missing; '
                    f'there is {parts[0]["text"] if parts else "nothing"!r}']
    return [f'{name}: {part["text"]!r} is not in main.rs' for part in parts]


def widths(browser, size):
    wrong = []
    for name in PROGRAMS:
        browser.run(GO + f'go("#{name}")')
        wrong += [f'{name}: {one}' for one in browser.run(WIDTH % size[0])]
    check(f'nothing overflows at {size[0]} pixels', wrong)
    code, labels = browser.run(TYPE)
    least = (18, 17) if size == WIDE else (14, 13)
    check(f'the type is legible at {size[0]} pixels: '
          f'code and notes {code:.0f}, diagram {labels:.0f} at least',
          [f'not {least}'] if code < least[0] or labels < least[1] else [])


def chosen(browser):
    return browser.run('''[...document.querySelectorAll('.program')].filter(program =>
        program.getClientRects().length).map(program => program.id).join(' ')''')


def addresses(browser, url, size):
    wrong = []
    browser.window(size)
    for name, number in zip(PROGRAMS, (14, 9, 2, 13)):
        browser.open(f'{url}#{name}-{number}')
        lit = browser.run(f'''(() => {{
            const row = document.getElementById('{name}-{number}');
            const other = row.previousElementSibling, box = row.getBoundingClientRect();
            const ground = (one, side) => getComputedStyle(one.querySelector(side)).backgroundColor;
            return [box.top >= document.querySelector('nav').getBoundingClientRect().bottom
                && box.bottom <= innerHeight, ['.python', '.number', '.rust'].every(side =>
                    ground(row, side) !== ground(other, side))];
        }})()''')
        if chosen(browser) != name or lit != [True, True]:
            wrong.append(f'#{name}-{number}: shows {chosen(browser)}, in sight and lit: {lit}')
    check(f'an address opens its program at its line, lit up, at {size[0]} pixels', wrong)


def pointer(browser, url):
    browser.open(url)
    box = browser.run('''(() => {
        const row = document.getElementById('tcp-server-3');
        row.scrollIntoView({ block: 'center' });
        const box = row.querySelector('.rust').getBoundingClientRect();
        return [box.left + 20, box.top + 10];
    })()''')
    ground = '''getComputedStyle(document.querySelector('#tcp-server-3 .python')).backgroundColor'''
    before = browser.run(ground)
    browser('Input.dispatchMouseEvent', type='mouseMoved', x=box[0], y=box[1])
    after = browser.run('new Promise(done => setTimeout(done, 50)).then(() => ' + ground + ')')
    check('a row lights up under the pointer', [f'it stays {after}'] if before == after else [])


def keys(browser, url):
    wrong = []
    browser.open(url)
    for key, expected in [('ArrowRight', 'tcp-client'), ('ArrowRight', 'udp-server'),
                          ('ArrowLeft', 'tcp-client'), ('ArrowLeft', 'tcp-server'),
                          ('ArrowLeft', 'udp-client'), ('ArrowRight', 'tcp-server')]:
        browser.key(key)
        if chosen(browser) != expected:
            wrong.append(f'{key} shows {chosen(browser)}, not {expected}')
    for modifier in 2, 4, 8:    # Ctrl, Meta, Shift
        browser.key('ArrowRight', modifier)
        if chosen(browser) != 'tcp-server':
            wrong.append(f'an arrow with the modifier {modifier} shows {chosen(browser)}')
    handled = browser.run('''!dispatchEvent(new KeyboardEvent('keydown',
        { key: 'ArrowLeft', altKey: true, cancelable: true }))''')
    if handled or chosen(browser) != 'tcp-server':
        wrong.append('Alt and an arrow no longer goes back')
    check('the arrow keys choose the program, but only alone', wrong)


def paper(browser, url, pictures):
    browser.open(url)
    browser.window((703, 1000), dark=True, media='print')   # A4 without its margins
    wrong = [] if chosen(browser) == ' '.join(PROGRAMS) else [f'only {chosen(browser)}']
    wrong += browser.run(WIDTH % 703)
    if browser.run('getComputedStyle(document.body).backgroundColor') != 'rgb(255, 255, 255)':
        wrong.append('the paper is not white')
    wrong += browser.run(CONTRAST)['wrong']
    check('all four are printed, in light colours', wrong)
    if pictures:
        data = browser('Page.printToPDF', preferCSSPageSize=True, paperWidth=8.27,
                       paperHeight=11.69)['data']
        (pictures / 'print.pdf').write_bytes(base64.b64decode(data))


def alone(browser, url, text):
    browser.open(url)
    urls = [event['params']['request']['url'] for event in browser.events
            if event.get('method') == 'Network.requestWillBeSent']
    wrong = [f'it asks for {one}' for one in urls if one != url and not one.startswith('data:')]
    wrong += [f'it names {one}' for one in
              re.findall(r'''(?:src|href)=["']?((?!#|data:)[^"'\s>]+)''', text)]
    wrong += re.findall(r'url\([^)]*\)|@import[^;]*', text)
    wrong += [event['params']['exceptionDetails']['text'] for event in browser.events
              if event.get('method') == 'Runtime.exceptionThrown']
    check('the page needs nothing but itself', wrong)

    browser('Emulation.setScriptExecutionDisabled', value=True)
    browser.open(url)
    wrong = [] if chosen(browser) == ' '.join(PROGRAMS) else [f'only {chosen(browser)}']
    browser('Emulation.setScriptExecutionDisabled', value=False)
    check('without scripts it shows all four', wrong)


def photograph(browser, url, pictures):
    for dark in False, True:
        for size, width in ((WIDE, 'wide'), (NARROW, 'narrow')):
            for name in PROGRAMS:
                browser.window(size, dark)
                browser.open(f'{url}#{name}')
                data = browser('Page.captureScreenshot', captureBeyondViewport=True)['data']
                file = f'{name}-{width}-{"dark" if dark else "light"}.png'
                (pictures / file).write_bytes(base64.b64decode(data))
    print(f'pictures in {pictures}')


def main():
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    orders, answers, path, pictures = sys.argv[1:]
    signal.signal(signal.SIGALRM, lambda *_: sys.exit('check-page.sh: the browser hangs'))
    signal.alarm(300)
    pictures = Path(pictures) if pictures else None
    url = Path(path).resolve().as_uri()
    browser = Browser(orders, answers)

    browser.window(WIDE)
    browser.open(url)
    lines(browser)
    for size in WIDE, NARROW:
        browser.window(size)
        browser.open(url)
        widths(browser, size)
        followed = browser.run(LINKS)
        check(f'{followed["followed"]} links land at {size[0]} pixels', followed['wrong'])
    for size in NARROW, WIDE:
        addresses(browser, url, size)
    pointer(browser, url)
    keys(browser, url)
    for dark in False, True:
        wrong, least = [], 21
        browser.window(WIDE, dark)
        for name in PROGRAMS:
            browser.open(f'{url}#{name}')
            found = browser.run(CONTRAST)
            wrong += found['wrong']
            least = min(least, found['least'])
        check(f'the text stands out by {"night" if dark else "day"}: '
              f'contrast {least:.1f} at least', wrong)
    paper(browser, url, pictures)
    browser.window(WIDE)
    alone(browser, url, Path(path).read_text('utf-8'))
    if pictures:
        photograph(browser, url, pictures)
    browser.session = None
    browser('Browser.close')
    if failures:
        sys.exit(f'check-page.sh: {failures} checks failed')


if __name__ == '__main__':
    try:
        main()
    except RuntimeError as error:
        sys.exit(f'check-page.sh: {error}')
