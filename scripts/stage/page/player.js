'use strict';
const by = id => document.getElementById(id);
const all = (selector, within = document) => [
  ...within.querySelectorAll(selector),
];
const { texts, recordings } = JSON.parse(by('data').textContent);
const sides = ['client', 'server'];
const stage = by('stage');
const part = (side, name) => stage.querySelector(`.${side} .${name}`);
let name; // of the recording that is shown
let recording;
let at = 0; // the stop, as an index of recording.stops
let asking = false; // whether the question about the next stop is shown
let writing; // the timer that writes the step into the address

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

const fill = (text, values) =>
  text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

// A text in which each word of the glossary has its meaning as a hint. Every second part is such a
// word, or one that is passed over as a whole.
const glossary = new Map(Object.entries(texts.glossary));
const longestFirst = [...glossary.keys()].sort((a, b) => b.length - a.length);
const words = new RegExp(`((?:${longestFirst.join('|')})(?![\\w-])|[\\w-]+)`);

function explain(text) {
  return text.split(words).map(part => {
    if (!glossary.has(part)) return part;
    const word = make('abbr', '', part);
    word.title = glossary.get(part);
    return word;
  });
}

// ── How things stand after a step ────────────────────────────────────────────

const nothing = {
  client: { who: 'client', screen: '', values: {} },
  server: { who: 'server', screen: '', values: {} },
};

// A step has what is new in it: about the program of its side, packets, all sockets.
function stateAfter(number) {
  const state = { programs: { ...nothing }, sockets: [], packets: [] };
  recording.steps.slice(0, number + 1).forEach((step, index) => {
    const { side } = step;
    if (side) {
      state.programs[side] = { ...state.programs[side], ...step.program };
    }
    state.sockets = step.sockets || state.sockets;
    for (const packet of step.packets || []) {
      state.packets.push({ ...packet, index });
    }
  });
  return state;
}

// ── Drawing ──────────────────────────────────────────────────────────────────

// Both programs of the protocol in both languages, copied from their sections.
function copyPrograms() {
  for (const side of sides) {
    const rows = all(`#${recording.protocol}-${side} .row`);
    const lines = rows.flatMap(row => [
      ...copyLines(row, 'python'),
      ...copyLines(row, 'rust'),
    ]);
    part(side, 'code').replaceChildren(...lines);
  }
}

function copyLines(row, language) {
  return all(`.${language} code`, row).map((code, index) => {
    const number = make('span', 'at', index ? '' : row.dataset.line);
    const value = make('span', 'value');
    const line = make('div', language, number, code.cloneNode(true), value);
    line.dataset.line = row.dataset.line;
    line.classList.toggle('first', !index);
    return line;
  });
}

function drawProgram(side, program, acts) {
  const screen = part(side, 'screen');
  screen.ariaLabel = fill(texts.screen_of, program);
  screen.replaceChildren(make('span', 'of', screen.ariaLabel), program.screen);
  screen.scrollTop = screen.scrollHeight;
  const code = part(side, 'code');
  code.ariaLabel = program.who;
  for (const line of code.children) {
    drawLine(line, program, acts);
  }
  bringIntoSight(code);
}

function drawLine(line, program, acts) {
  const number = line.dataset.line;
  const lit = Number(number) === program.line;
  line.classList.toggle('lit', lit);
  line.classList.toggle('acts', lit && acts);
  line.ariaCurrent = lit ? 'step' : null;
  let value = '';
  if (line.matches('.first')) {
    value = lit && program.waits ? texts.waits : program.values[number];
  }
  line.lastChild.textContent = value || '';
}

// Scrolls a program, and nothing else, until all that is lit can be seen.
function bringIntoSight(code) {
  const lit = all('.lit', code).filter(line => line.offsetHeight);
  if (!lit.length) return;
  const top = lit[0].offsetTop;
  const last = lit[lit.length - 1];
  const bottom = last.offsetTop + last.offsetHeight;
  const end = code.scrollTop + code.clientHeight;
  if (top >= code.scrollTop && bottom <= end) return;
  const middle = (top + bottom - code.clientHeight) / 2;
  code.scrollTo(0, Math.min(top, middle));
}

// The sockets of a kernel; a mark that was not there at the stop before is new.
function drawKernel(side, sockets, before) {
  const marksOf = socket => socket.marks.map(mark => socket.ports + mark);
  const old = new Set(before.flatMap(marksOf));
  const boxes = sockets
    .filter(socket => socket.side === side)
    .map(socket => {
      const marks = socket.marks.flatMap((mark, index) => {
        const kind = index ? 'mark' : 'state';
        const age = old.has(socket.ports + mark) ? '' : ' new';
        return [' ', make('span', kind + age, ...explain(mark))];
      });
      const client = socket.client ? `${socket.client} ` : '';
      return make(
        'p',
        '',
        make('span', 'ports', client, socket.ports),
        ...marks,
      );
    });
  const kernel = stage.querySelector(`.kernel.${side}`);
  kernel.ariaLabel = fill(texts.kernel_of, { who: side });
  kernel.replaceChildren(make('b', '', kernel.ariaLabel), ...boxes);
  const first = kernel.querySelector('.new');
  kernel.scrollTop = first ? first.offsetTop - 40 : 0;
}

// All packets until now; those before the step `first` are old.
function drawWire(packets, first) {
  const clients = new Set(packets.map(packet => packet.client));
  const items = packets.map(packet => {
    const client = clients.size > 1 ? `${packet.client}: ` : '';
    const flags = make('b', '', ...explain(packet.flags));
    const what = make(
      'span',
      'what',
      `${packet.arrow} `,
      client,
      flags,
      ` ${packet.what}`,
    );
    const item = make('li', 'packet', what);
    item.classList.toggle('old', packet.index < first);
    if (packet.byKernel) {
      item.classList.add('by-kernel');
      what.append(make('span', 'unseen', ` (${texts.by_kernel})`));
    }
    return item;
  });
  const wire = stage.querySelector('.wire');
  wire.replaceChildren(...items);
  wire.scrollTop = wire.scrollHeight;
}

const stopAt = index => (index < 0 ? -1 : recording.stops[index]);
const lastStop = () => recording.stops.length - 1;

function draw() {
  const number = stopAt(at);
  const step = recording.steps[number];
  const state = stateAfter(number);
  const before = stateAfter(stopAt(at - 1));
  for (const side of sides) {
    drawProgram(side, state.programs[side], step.side === side);
    drawKernel(side, state.sockets, before.sockets);
  }
  drawWire(state.packets, stopAt(at - 1) + 1);
  const question = asking ? questionAt(at + 1) : '';
  by('said').classList.toggle('asks', question);
  by('count').classList.toggle('asks', question);
  by('count').textContent = fill(texts.count, {
    at: number + 1,
    all: recording.steps.length,
  });
  by('note').textContent = note();
  if (question) {
    by('caption').textContent = question;
  } else {
    const label = make('b', '', step.label || '');
    by('caption').replaceChildren(label, ...explain(step.caption));
  }
}

function note() {
  const { differs, about, seen } = recording;
  if (at === lastStop() && differs) return differs;
  if (at === 0 && about) return about;
  return seen ? '' : texts.no_packets;
}

// ── Moving ───────────────────────────────────────────────────────────────────

function questionAt(index) {
  const step = recording.steps[recording.stops[index]];
  return (step && step.asks) || '';
}

// Goes to a stop. The address follows when the hand rests: browsers allow only so many changes.
function go(index) {
  at = Math.max(0, Math.min(lastStop(), index));
  draw();
  clearTimeout(writing);
  const before = location.hash;
  writing = setTimeout(() => {
    if (location.hash !== before) return; // a newer address stays
    history.replaceState(null, '', `#${name}-step-${stopAt(at) + 1}`);
  }, 200);
}

// Forward to a stop; if it answers a question, the question comes first, at the stop before.
function forwardTo(index) {
  const wasAsked = asking && index === at + 1;
  asking = by('questions').checked && !wasAsked && !!questionAt(index);
  go(asking ? index - 1 : index);
}

function nextEvent() {
  const next = recording.events.find(number => number > stopAt(at));
  const index = recording.stops.indexOf(next);
  forwardTo(index < 0 ? lastStop() : index);
}

function backward() {
  const wasAsked = asking;
  asking = false;
  go(wasAsked ? at : at - 1);
}

function jump(index) {
  asking = false;
  go(index);
}

function changeLanguage() {
  const isRust = stage.classList.toggle('in-rust');
  by('language').textContent = isRust ? 'Rust' : 'Python';
  draw();
}

const moves = {
  first: () => jump(0),
  last: () => jump(lastStop()),
  back: backward,
  forward: () => forwardTo(at + 1),
  next: nextEvent,
  language: changeLanguage,
  questions: () => by('questions').click(),
  keys: () => by('keys').showModal(),
  words: () => by('words').showModal(),
};
const keys = {
  ArrowRight: 'forward',
  ArrowDown: 'forward',
  PageDown: 'forward',
  ' ': 'forward',
  ArrowLeft: 'back',
  ArrowUp: 'back',
  PageUp: 'back',
  Home: 'first',
  End: 'last',
  n: 'next',
  l: 'language',
  q: 'questions',
  '?': 'keys',
  w: 'words',
};

function open(newName, step) {
  const changed = newName !== name;
  name = newName;
  recording = recordings[name];
  by('scenario').value = name;
  if (changed) copyPrograms();
  const stop = recording.stops.findIndex(number => number >= step - 1);
  jump(stop < 0 ? lastStop() : stop);
}

// Opens what the address names: a step, a scenario, or another part of the page.
function show() {
  const named = location.hash.match(/^#(.+?)(?:-step-(\d+))?$/);
  if (named && named[1] in recordings) {
    open(named[1], Number(named[2] || 1));
    scrollTo(0, 0);
  } else if (!recording) {
    open(Object.keys(recordings)[0], 1);
    clearTimeout(writing); // the address may name another part of the page
  }
}

function press(event) {
  const { key, target } = event;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.shiftKey && key !== '?') return;
  if (document.querySelector('dialog[open]')) return;
  if (target.matches('select, input, summary')) return;
  if (key === ' ' && target.matches('button, a')) return;
  const isBelow = scrollY > stage.offsetHeight / 2;
  const move = moves[keys[key]];
  if (!move || isBelow) return;
  event.preventDefault();
  move();
}

// ── The question sheet ───────────────────────────────────────────────────────

const boxes = all('#sheet input');

function choose() {
  const checked = boxes.filter(box => box.checked);
  const chosen = new Set(checked.map(box => box.value));
  for (const line of all('#sheet li')) {
    line.hidden = !chosen.has(line.dataset.scenario);
  }
}

function printSheet() {
  document.body.classList.add('only-sheet');
  print();
  document.body.classList.remove('only-sheet');
}

for (const button of all('[data-move]')) {
  button.addEventListener('click', moves[button.dataset.move]);
}
for (const link of all('#more a, #more button')) {
  link.addEventListener('click', () => {
    by('more').open = false;
  });
}
for (const box of boxes) {
  box.addEventListener('change', choose);
}
by('questions').addEventListener('change', () => {
  asking = false;
  draw();
});
by('scenario').addEventListener('change', event => {
  open(event.target.value, 1);
});
by('print').addEventListener('click', printSheet);
addEventListener('hashchange', show);
addEventListener('keydown', press);
choose();
show();
