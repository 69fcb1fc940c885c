// What page.py asks in the page. An answer is a list of what is wrong, but for
// the questions that say what they return.
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const box = one => one.getBoundingClientRect();
const style = one => getComputedStyle(one);
const seen = selector => all(selector).filter(one => one.getClientRects().length);
const inSight = one => box(one).height > 0 && box(one).bottom <= innerHeight
    && box(one).top >= box(document.querySelector('nav')).bottom - 1;

// The code within something, as a list: a line of Rust, a note.
const lines = within => all(':is(.src, .note)', within).filter(part => part.textContent)
    .map(part => (part.matches('.note') ? '// ' : '') + part.textContent);

// What can be read in each program.
const contents = () => all('.program').map(program => ({
    name: program.id,
    python: all('.row.line', program).map(row => [row.id,
        row.querySelector('.number a').textContent, row.querySelector('.python').textContent]),
    rust: all('.rust', program).flatMap(one => lines(one)),
    calls: all('svg a', program).length,
    screens: all('.screen pre', program).map(one => one.textContent),
}));

// Does what changes the address, and waits for the page; false in vain.
const follow = act => new Promise(done => {
    addEventListener('hashchange', () => setTimeout(done, 0, true), { once: true });
    setTimeout(done, 15000, false);
    act();
});
const go = hash => location.hash === hash || follow(() => { location.hash = hash; });

// Whether a step is the one that is shown.
const isStep = row => row.closest('section').matches('.chosen') && scrollY === 0
    && document.getElementById('count').textContent.startsWith(`step ${row.rowIndex} of `);

// Follows every link of every view: its target is in sight. Returns how many, too.
async function links() {
    const wrong = [], href = link => link.getAttribute('href');
    const views = all('nav a').map(href);
    let followed = 0;
    for (const view of views) {
        await go(view);
        for (const link of seen('a')) {
            await go(view);
            const click = new MouseEvent('click', { bubbles: true, cancelable: true });
            if (href(link) !== view) await follow(() => link.dispatchEvent(click));
            const target = document.getElementById(href(link).slice(1));
            const there = target && (target.matches('section') ? scrollY === 0
                : target.matches('tr') ? isStep(target) : inSight(target));
            if (location.hash !== href(link) || !there)
                wrong.push(`${view}: ${href(link)} leads nowhere, or out of sight`);
            followed++;
        }
    }
    return { wrong, followed };
}

// Nothing is wider than the window or its own box, no labels overlap, and type has
// at least so many pixels in code and in drawings.
function fits(width, code, label) {
    const wrong = [], name = one => `${one.tagName}.${one.getAttribute('class') || one.id}`;
    if (innerWidth !== width) wrong.push(`the window is ${innerWidth} wide`);
    for (const one of all('body, body *')) {
        const { left, right, width: its } = box(one);
        if (its && (left < -0.5 || right > width + 0.5)) wrong.push(`${name(one)} reaches to ${right}`);
        if (one instanceof HTMLElement && !one.matches('.unseen') && one.clientWidth && one.scrollWidth > one.clientWidth + 1)
            wrong.push(`${name(one)} is too narrow for its contents`);
    }
    seen('svg text').forEach((one, at, texts) => texts.slice(at + 1).forEach(other => {
        const a = box(one), b = box(other);
        if (a.left < b.right && b.left < a.right && a.top + 3 < b.bottom && b.top + 3 < a.bottom)
            wrong.push(`${one.textContent} overlaps ${other.textContent}`);
    }));
    const size = (one, scale = 1) => parseFloat(style(one).fontSize) * scale;
    const small = [...seen('.src, pre, .note').filter(one => size(one) < code),
        ...seen('svg text').filter(one => size(one, one.getScreenCTM().a) < label)];
    return [...wrong, ...small.map(one => `too small: ${one.textContent}`)];
}

// The contrast of all text, of rows also while they are lit (WCAG 2, AA: 4.5).
function contrast() {
    const wrong = new Set(), numbers = colour => colour.match(/[\d.]+/g).map(Number);
    const light = colour => numbers(colour).slice(0, 3).map(one => one / 255)
        .map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
        .reduce((sum, one, at) => sum + one * [0.2126, 0.7152, 0.0722][at], 0);
    const probe = document.body.appendChild(document.createElement('p'));
    const lit = ['--hover', '--target'].map(name => {
        probe.style.backgroundColor = `var(${name})`;
        return style(probe).backgroundColor;
    });
    probe.remove();
    for (const one of seen('body *')) {
        if (![...one.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
        const colour = one.closest('svg') ? style(one).fill : style(one).color;
        let behind = one;
        while (behind && numbers(style(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
        const ground = behind ? style(behind).backgroundColor : 'rgb(255, 255, 255)';
        for (const other of [ground, ...one.closest('.row') ? lit : []]) {
            const [dark, bright] = [light(colour), light(other)].sort((a, b) => a - b);
            if (!((bright + 0.05) / (dark + 0.05) >= 4.5))
                wrong.add(`${colour} on ${other}: ${one.textContent.trim().slice(0, 30)}`);
        }
    }
    return [...wrong];
}

// The recording that is shown.
const recording = () => JSON.parse(document.querySelector('.chosen script').text);

// Walks through all steps by key and back again. Returns what is seen at each; and
// what is wrong: another state on the way back, or something out of sight.
function walk() {
    const press = key => dispatchEvent(new KeyboardEvent('keydown', { key }));
    const within = (one, frame) => box(one).top >= frame.top - 1 && box(one).bottom <= frame.bottom + 1;
    const wrong = [], steps = recording().length, window = { top: 0, bottom: innerHeight };
    const state = () => ({
        count: document.getElementById('count').textContent,
        told: document.querySelector('.chosen [role=status]').textContent,
        arrow: seen('.arrow').map(one => one.className),
        sides: ['client', 'server'].map(side => ({
            lit: [[...new Set(seen(`.${side} .lit > a`).map(one => one.textContent))],
                seen(`.${side} .lit`).flatMap(one => lines(one))],
            acts: seen(`.${side} .acts`).length > 0,
            does: seen(`.${side} .does`).map(one => one.textContent).join(),
            variables: seen(`.${side} .variables code`).map(one => one.textContent),
            screen: seen(`.${side} .console`)[0].textContent,
        })),
    });
    const look = key => {
        press(key);
        for (const code of seen('.code')) {
            const frame = box(code), lit = all('.lit', code).filter(one => box(one).height);
            if (!within(code, window)) wrong.push('a program is out of sight');
            if (lit.some(one => !within(one, frame) && box(one).height < frame.height))
                wrong.push(`${lit[0].textContent} is out of sight`);
        }
        for (const one of seen('.console, .arrow, .variables, .what'))
            if (!within(one, window)) wrong.push(`${one.className} is out of sight`);
        return state();
    };
    const seeing = ['Home', ...Array(steps - 1).fill('ArrowRight')].map(look);
    for (let at = steps - 2; at >= 0; at--)
        if (JSON.stringify(look('ArrowLeft')) !== JSON.stringify(seeing[at]))
            wrong.push(`step ${at + 1} is another on the way back`);
    return { seeing, wrong };
}
