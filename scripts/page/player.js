'use strict';
const by = id => document.getElementById(id);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const { texts, recordings } = JSON.parse(by('data').textContent);
const sides = ['client', 'server'];
const stage = by('stage');
let name;               // of the recording that is shown
let recording;
let at = 0;             // the stop, as an index of recording.stops
let asking = false;     // whether the question about the next stop is shown
let writing;            // the timer that writes the step into the address

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, key) => values[key]);

// A text in which each word of the glossary has its meaning as a hint.
const glossary = new RegExp(`(?<![\\w-])(${Object.keys(texts.glossary)
  .sort((a, b) => b.length - a.length).join('|')})(?![\\w-])`);
function explain(text) {
  return text.split(glossary).map((part, index) => {
    if (index % 2 === 0) return part;
    const word = make('abbr', '', part);
    word.title = texts.glossary[part];
    return word;
  });
}

// ── How things stand after a step ────────────────────────────────────────────

const sideOf = who => who.split(' ')[0];

function stateAfter(number) {
  const state = { programs: {}, sockets: [], packets: [], shown: { client: 'client', server: 'server' } };
  recording.steps.slice(0, number + 1).forEach((step, index) => {
    state.sockets = step.sockets || state.sockets;
    state.packets.push(...(step.packets || []).map(packet => ({ ...packet, index })));
    if (!step.who) return;
    state.shown[sideOf(step.who)] = step.who;
    const before = step.screen === undefined && state.programs[step.who];
    const program = before || { screen: '', values: {}, line: null, waits: false };
    state.programs[step.who] = program;
    program.screen = step.screen || program.screen + (step.more || '');
    program.line = step.line || (step.event === 'action' ? program.line : null);
    program.waits = step.event === 'waits' || (step.event === 'action' && program.waits);
    for (const [variable, value] of Object.entries(step.values || {})) {
      program.values[variable] = { line: step.line, value };
    }
  });
  return state;
}

// ── Drawing ──────────────────────────────────────────────────────────────────

// Both programs of the protocol in both languages, copied from their sections.
function copyPrograms() {
  for (const side of sides) {
    const lines = all(`#${recording.protocol}-${side} .row`).flatMap(row => ['python', 'rust'].flatMap(
      language => all(`.${language} code`, row).map((code, index) => {
        const number = make('span', 'at', index ? '' : row.dataset.line);
        const line = make('div', language, number, code.cloneNode(true), make('span', 'value'));
        line.dataset.line = row.dataset.line;
        line.classList.toggle('first', !index);
        return line;
      })));
    stage.querySelector(`.${side} .code`).replaceChildren(...lines);
  }
}

// What each line has assigned last; of several values those that say more than <socket>.
function valuesByLine(program) {
  const lines = {};
  for (const [variable, { line, value }] of Object.entries(program.values)) {
    (lines[line] = lines[line] || []).push([variable, value]);
  }
  return Object.fromEntries(Object.entries(lines).map(([line, assigned]) => [line,
    assigned.length === 1 ? assigned[0][1]
      : assigned.filter(one => one[1] !== '<socket>').map(one => one.join(' = ')).join(', ')]));
}

function drawProgram(side, state, step) {
  const who = state.shown[side];
  const program = state.programs[who] || { screen: '', values: {} };
  const screen = stage.querySelector(`.${side} .screen`);
  screen.replaceChildren(make('span', 'of', fill(texts.screen_of, { who })), program.screen);
  screen.ariaLabel = fill(texts.screen_of, { who });
  screen.scrollTop = screen.scrollHeight;
  const values = valuesByLine(program);
  const code = stage.querySelector(`.${side} .code`);
  code.ariaLabel = who;
  for (const line of code.children) {
    const lit = Number(line.dataset.line) === program.line;
    line.classList.toggle('lit', lit);
    line.classList.toggle('acts', lit && step.who === who);
    line.ariaCurrent = lit ? 'step' : null;
    const shown = lit && program.waits ? texts.waits : values[line.dataset.line] || '';
    line.lastChild.textContent = line.matches('.first') ? shown : '';
  }
  bringIntoSight(code);
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

// The sockets of a kernel; a state or mark that was not there at the stop before is new.
function drawKernel(side, state, before) {
  const old = before.sockets.flatMap(one => [one.state, ...one.marks].map(mark => one.ports + mark));
  const several = new Set(state.sockets.map(one => one.client).filter(Boolean)).size > 1;
  const boxes = state.sockets.filter(one => one.side === side).map(one => make('p', '',
    make('span', 'ports', several && one.client ? `${one.client} ` : '', one.ports),
    ...[one.state, ...one.marks].flatMap((mark, index) => [' ',
      make('span', (index ? 'mark' : 'state') + (old.includes(one.ports + mark) ? '' : ' new'), ...explain(mark))])));
  const kernel = stage.querySelector(`.kernel.${side}`);
  kernel.ariaLabel = fill(texts.kernel_of, { who: side });
  kernel.replaceChildren(make('b', '', kernel.ariaLabel), ...boxes);
  const first = kernel.querySelector('.new');
  kernel.scrollTop = first ? first.offsetTop - 40 : 0;
}

function drawWire(state, first) {
  const several = new Set(state.packets.map(packet => packet.client)).size > 1;
  const wire = stage.querySelector('.wire');
  wire.replaceChildren(...state.packets.map(packet => make('li',
    `packet to-${packet.to}${packet.kernel ? ' by-kernel' : ''}${packet.index < first ? ' old' : ''}`,
    make('span', 'what', packet.to === 'server' ? '→ ' : '← ', several ? `${packet.client}: ` : '',
      make('b', '', ...explain(packet.flags)), ` ${packet.numbers || ''} ${packet.data || ''}`,
      packet.kernel ? make('span', 'unseen', ` (${texts.by_kernel})`) : ''))));
  wire.scrollTop = wire.scrollHeight;
}

const stopAt = index => recording.stops[index];

function draw() {
  const number = stopAt(at), step = recording.steps[number];
  const state = stateAfter(number), before = stateAfter(at ? stopAt(at - 1) : -1);
  const question = asking && questionAt(at + 1);
  for (const side of sides) {
    drawProgram(side, state, step);
    drawKernel(side, state, before);
  }
  drawWire(state, at ? stopAt(at - 1) + 1 : 0);
  by('said').classList.toggle('asks', !!question);
  const line = step.line ? fill(texts.line, { who: step.who, line: step.line }) : step.event === 'exits' ? `${step.who}: ` : '';
  by('caption').replaceChildren(...(question ? [question] : [make('b', '', line), ...explain(step.caption)]));
  const last = at === recording.stops.length - 1;
  by('note').textContent = (last && recording.rust[0]) || (at === 0 && recording.about)
    || (recording.seen ? '' : texts.no_packets);
  by('count').textContent = fill(texts.count, { at: number + 1, all: recording.steps.length });
  by('count').classList.toggle('asks', !!question);
}

// ── Moving ───────────────────────────────────────────────────────────────────

function questionAt(index) {
  return (index < recording.stops.length && (recording.steps[stopAt(index)].asks || []).join(' ')) || '';
}

// Goes to a stop. The address follows when the hand rests: browsers allow only so many changes.
function go(index) {
  at = Math.max(0, Math.min(recording.stops.length - 1, index));
  draw();
  clearTimeout(writing);
  const before = location.hash;     // a newer address stays
  writing = setTimeout(() => location.hash === before
    && history.replaceState(null, '', `#${name}-step-${stopAt(at) + 1}`), 200);
}

// Forward to a stop; if it answers a question, the question comes first, at the stop before.
function forwardTo(index) {
  const wasAsked = asking && index === at + 1;
  asking = by('questions').checked && !wasAsked && !!questionAt(index);
  go(asking ? index - 1 : index);
}

function nextEvent() {
  const later = recording.events.map(number => recording.stops.indexOf(number)).filter(index => index > at);
  forwardTo(later.length ? later[0] : recording.stops.length - 1);
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
  by('language').textContent = stage.classList.toggle('in-rust') ? 'Rust' : 'Python';
  draw();
}

const moves = {
  first: () => jump(0), last: () => jump(recording.stops.length - 1), back: backward,
  forward: () => forwardTo(at + 1), next: nextEvent, language: changeLanguage,
  questions: () => by('questions').click(),
  keys: () => by('keys').showModal(), words: () => by('words').showModal(),
};
const keys = {
  ArrowRight: 'forward', ArrowDown: 'forward', PageDown: 'forward', ' ': 'forward',
  ArrowLeft: 'back', ArrowUp: 'back', PageUp: 'back', Home: 'first', End: 'last',
  n: 'next', l: 'language', q: 'questions', '?': 'keys', w: 'words',
};

function open(newName, step) {
  const changed = newName !== name;
  name = newName;
  recording = recordings[name];
  by('scenario').value = name;
  if (changed) copyPrograms();
  const stop = recording.stops.findIndex(number => number >= step - 1);
  jump(stop < 0 ? recording.stops.length - 1 : stop);
}

// Opens what the address names: a step, a scenario, or another part of the page.
function show() {
  const [, newName, step] = location.hash.match(/^#(.+?)(?:-step-(\d+))?$/) || [];
  if (newName in recordings) {
    open(newName, Number(step || 1));
    scrollTo(0, 0);
  } else if (!recording) {
    open(Object.keys(recordings)[0], 1);
    clearTimeout(writing);          // the address may name another part of the page
  }
}

// ── The question sheet ───────────────────────────────────────────────────────

const boxes = all('#sheet input');

function choose() {
  const chosen = boxes.filter(box => box.checked).map(box => box.value);
  for (const line of all('#sheet li')) line.hidden = !chosen.includes(line.dataset.scenario);
}

function printSheet() {
  document.body.classList.add('only-sheet');
  print();
  document.body.classList.remove('only-sheet');
}

for (const button of all('[data-move]')) button.addEventListener('click', moves[button.dataset.move]);
for (const link of all('#more a, #more button')) link.addEventListener('click', () => { by('more').open = false; });
by('questions').addEventListener('change', () => { asking = false; draw(); });
by('scenario').addEventListener('change', () => open(by('scenario').value, 1));
for (const box of boxes) box.addEventListener('change', choose);
by('print').addEventListener('click', printSheet);
addEventListener('hashchange', show);
addEventListener('keydown', event => {
  if (event.altKey || event.ctrlKey || event.metaKey || document.querySelector('dialog[open]')) return;
  if (event.target.matches('select, input, summary') || (event.key === ' ' && event.target.matches('button, a'))) return;
  const move = moves[keys[event.key]], below = scrollY > stage.offsetHeight / 2;
  if (!move || below || (event.shiftKey && event.key !== '?')) return;
  event.preventDefault();
  move();
});
choose();
show();
