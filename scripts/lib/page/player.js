'use strict';
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const by = id => document.getElementById(id);
const views = all('main > section');
const links = all('.links a');
const sides = ['client', 'server'];
let chosen = 0;             // the view that is shown
let pair = null;            // its pair, where that is shown step by step
let writing;                // the timer that writes the step into the address

function make(tag, name, ...children) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...children);
  return made;
}

// ── A pair, step by step ─────────────────────────────────────────────────────

// Copies both programs from their views; a line of both languages each.
function prepare(section) {
  const protocol = section.id.slice(0, 3);
  const one = { protocol, at: 0, steps: JSON.parse(section.querySelector('script').text) };
  for (const side of sides) {
    const part = name => section.querySelector(`.${side} .${name}`);
    one[side] = {};
    for (const name of ['code', 'does', 'kept', 'variables', 'console']) one[side][name] = part(name);
    for (const row of all('.row', by(`${protocol}-${side}`))) {
      for (const name of ['python', 'rust']) {
        const cell = row.querySelector('.' + name).cloneNode(true);
        if (!cell.children.length) continue;
        cell.removeAttribute('role');
        const line = make('div', 'source', row.querySelector('.number a').cloneNode(true), cell);
        line.classList.toggle('addition', row.matches('.addition'));
        line.dataset.language = name;
        line.dataset.line = row.dataset.line || '+';
        one[side].code.append(line);
      }
    }
    // As high as its last screen, if there is room, so that nothing moves while it fills.
    const last = one.steps[one.steps.length - 1].state[side].screen.trimEnd();
    one[side].console.style.setProperty('--lines', last.split('\n').length);
  }
  one.told = section.querySelector('.told');
  return one;
}

// Shows a step, whole: what went before matters only for what is marked as new.
function draw() {
  const { at, steps, told } = pair, step = steps[at];
  for (const side of sides) {
    const { code, does, kept, variables, console } = pair[side];
    const state = step.state[side];
    const before = at ? steps[at - 1].state[side] : { variables: {}, screen: '' };
    for (const line of code.children) {
      const lit = line.dataset.line === String(state.line);
      line.classList.toggle('lit', lit);
      line.classList.toggle('acts', lit && step.side === side);
      line.ariaCurrent = lit ? 'step' : null;
    }
    does.textContent = state.waits ? `waits ${state.waits}` : state.ended ? 'has ended'
      : state.line ? '' : 'has not begun';
    kept.replaceChildren(...step.kept[side].map(([what, isNew]) =>
      make('span', isNew ? 'new' : '', what)));
    variables.replaceChildren(make('span', 'whose', 'in Python: '),
      ...Object.entries(state.variables).map(([name, value]) =>
        make('code', value === before.variables[name] ? '' : 'new', `${name} = ${value}`)));
    console.replaceChildren(before.screen, make('mark', '', state.screen.slice(before.screen.length)));
    console.scrollTop = console.scrollHeight;
  }
  told.querySelector('.what').replaceChildren(
    make('span', 'unseen', `step ${at + 1} of ${steps.length}, `),
    make('b', '', `${step.side}, line ${step.line}: `), step.told);
  told.querySelector('.packets').replaceChildren(...step.packets.map(({ from, name, kernel }) => {
    const to = from === 'client' ? 'server' : 'client';
    return make('span', `packet to-${to}${kernel ? ' kernel' : ''}`, make('span', 'unseen', `to the ${to}: `),
      make('span', '', make('b', '', name), kernel ? ' from the kernel' : ''));
  }));
  for (const side of sides) bringIntoSight(pair[side].code);
  by('slider').max = steps.length;
  by('slider').value = at + 1;
  by('count').textContent = `${at + 1} of ${steps.length}`;
}

// Scrolls a program, and nothing else, until all that is lit can be seen.
function bringIntoSight(code) {
  const lit = all('.lit', code).filter(line => line.offsetHeight);
  if (!lit.length) return;
  const top = lit[0].offsetTop, last = lit[lit.length - 1];
  const bottom = last.offsetTop + last.offsetHeight;
  if (top >= code.scrollTop && bottom <= code.scrollTop + code.clientHeight) return;
  code.scrollTo(0, Math.min(top, (top + bottom - code.clientHeight) / 2));
}

// Goes to a step. The address follows when the hand rests: browsers allow only
// so many changes a second.
function go(at) {
  pair.at = Math.max(0, Math.min(pair.steps.length - 1, at));
  draw();
  clearTimeout(writing);
  const address = `#${pair.protocol}-step-${pair.at + 1}`;
  writing = setTimeout(() => history.replaceState(null, '', address), 200);
}

function changeLanguage() {
  const rust = document.body.classList.toggle('in-rust');
  by('language').textContent = rust ? 'Python' : 'Rust';
  if (pair) draw();
}

const moves = {
  first: () => go(0),
  back: () => go(pair.at - 1),
  forward: () => go(pair.at + 1),
  last: () => go(pair.steps.length - 1),
  language: changeLanguage,
};
const keys = {
  ArrowLeft: 'back', ArrowRight: 'forward', ArrowUp: 'back', ArrowDown: 'forward',
  ' ': 'forward', Home: 'first', End: 'last', l: 'language',
};

// ── The views ────────────────────────────────────────────────────────────────

// Shows the view that the address names, or has the line or the step of.
function show() {
  clearTimeout(writing);
  const target = by(location.hash.slice(1));
  const view = target && target.closest('main > section');
  chosen = Math.max(views.indexOf(view), 0);
  views.forEach((one, at) => one.classList.toggle('chosen', at === chosen));
  for (const link of links) link.ariaCurrent = link.hash === `#${views[chosen].id}` ? 'page' : null;
  pair = pairs[views[chosen].id] || null;
  document.body.classList.toggle('stepping', !!pair);
  measure();
  if (pair) {
    if (target !== view) pair.at = [...target.parentNode.children].indexOf(target);
    draw();
  }
  if (pair || target === view) scrollTo(0, 0);
  else if (target) target.scrollIntoView();
}

function measure() {
  document.body.style.setProperty('--bar', `${document.querySelector('nav').offsetHeight}px`);
}

const pairs = {};
for (const view of views) if (view.matches('.steps')) pairs[view.id] = prepare(view);
for (const move in moves) by(move).addEventListener('click', moves[move]);
by('slider').addEventListener('input', () => go(by('slider').value - 1));
addEventListener('resize', measure);
addEventListener('hashchange', show);
addEventListener('keydown', event => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (pair && keys[event.key] && !(event.key === ' ' && event.target.matches('button'))) {
    event.preventDefault();
    moves[keys[event.key]]();
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (pair || !step) return;
  event.preventDefault();
  location.hash = views[(chosen + step + views.length) % views.length].id;
});
changeLanguage();
changeLanguage();
show();
