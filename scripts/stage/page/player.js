'use strict';
const by = id => document.getElementById(id);
const all = selector => [...document.querySelectorAll(selector)];
const { texts, recordings } = JSON.parse(by('data').textContent);
const sides = ['client', 'server'];
const stage = by('stage');
const part = (side, name) => stage.querySelector(`.${side} .${name}`);
let recording; // that is shown
let at = 0; // the stop, as an index of recording.stops
let question = ''; // about the next stop, or what comes next, if it is shown
let writing; // the timer that writes the step into the address

// What is false is nothing.
function write(id, text) {
  by(id).textContent = text || '';
}

function make(tag, className, ...children) {
  const made = document.createElement(tag);
  made.className = className;
  made.append(...children);
  return made;
}

// A finger cannot hover: it taps.
function hint(meaning, place, ...children) {
  const word = make('abbr', '', ...children);
  word.title = meaning;
  word.onclick = () => tell(named(word.textContent) + meaning, place);
  return word;
}

// What a word means, and where the guide explains it.
function tell(meaning, place) {
  write('meaning', meaning);
  if (!place) return;
  const link = make('a', '', texts.guide);
  link.href = `#${place}`;
  by('meaning').append(' ', link);
}

// A text in which each word of the glossary has its meaning as a hint. Every second part is such a
// word, or one that is passed over as a whole.
const longestFirst = Object.keys(texts.glossary).sort(
  (a, b) => b.length - a.length,
);
const words = new RegExp(`((?:${longestFirst.join('|')})(?![\\w-])|[\\w-]+)`);

function explain(text) {
  return text.split(words).map(part => {
    if (!longestFirst.includes(part)) return part;
    return hint(texts.glossary[part], texts.places[part], part);
  });
}

// The tokens of Rust, with a group for each. Other sockets and programs stand for those in a token;
// comments, texts and other words are passed over.
const tokens = all('#tokens dt').sort(
  (a, b) => b.textContent.length - a.textContent.length,
);
const patterns = tokens.map(token => {
  const pattern = token.textContent
    .replace(/\W/g, '\\$&')
    .replace(/\w$/, '$&\\b');
  return `(${pattern.replace(/tcp_\w+/, '\\w+_\\w+')})`;
});
const rust = new RegExp(`${patterns.join('|')}|// .*|"[^"]*"|\\w+`, 'g');

// A token on a line of Rust has its meaning as a hint, whatever colours it has.
function explainRust(code) {
  for (const match of code.textContent.matchAll(rust)) {
    const [found, ...groups] = match;
    const token = tokens[groups.indexOf(found)];
    if (!token) continue;
    const range = document.createRange();
    range.setStart(...placeIn(code, match.index));
    range.setEnd(...placeIn(code, match.index + found.length));
    const meaning = token.nextSibling.textContent;
    range.insertNode(hint(meaning, '', range.extractContents()));
  }
}

function placeIn(code, offset) {
  const walker = document.createTreeWalker(code, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  while (offset > node.length) {
    offset -= node.length;
    node = walker.nextNode();
  }
  return [node, offset];
}

// ── How things stand after a step ────────────────────────────────────────────

// A step has what is new in it: about the program on each side, packets, all sockets.
function stateAfter(number) {
  const start = who => ({ who, screen: '', values: {}, status: '' });
  const [client, server] = sides.map(start);
  const state = { client, server, sockets: [], packets: [] };
  for (const step of recording.steps.slice(0, number + 1)) {
    update(state, step.programs);
    state.packets.push(...(step.packets || []));
    state.sockets = step.sockets || state.sockets;
  }
  return state;
}

// What is new about the program on a side, or on both.
function update(state, programs = {}) {
  for (const side in programs) Object.assign(state[side], programs[side]);
}

// ── Drawing ──────────────────────────────────────────────────────────────────

// Both programs of the protocol in both languages, copied from their sections.
function copyPrograms() {
  for (const side of sides) {
    const lines = all(`#${recording.protocol}-${side} .row code`);
    part(side, 'code').replaceChildren(...lines.map(copyLine));
  }
}

function copyLine(code) {
  const cell = code.parentNode;
  const number = cell.parentNode.dataset.line;
  const isFirst = code === cell.firstChild;
  const copy = code.cloneNode(true);
  if (cell.matches('.rust')) explainRust(copy);
  const line = make(
    'div',
    cell.className,
    make('span', 'at', isFirst ? number : ''),
    copy,
    make('span', 'value'),
  );
  line.dataset.line = number;
  line.classList.toggle('first', isFirst);
  return line;
}

const nameOf = who => who.replace(/^\w+/, side => texts[side]);
const named = what => texts.who.replace('{who}', what);

// Another program than was shown is marked; one that has ended is dimmed.
function drawProgram(side, program, acts) {
  const screen = part(side, 'screen');
  const status = texts[program.status] || '';
  const isGone = !program.line && status;
  const old = screen.ariaLabel;
  screen.parentNode.classList.toggle('gone', isGone);
  screen.ariaLabel = texts.screen_of.replace('{who}', nameOf(program.who));
  if (isGone) screen.ariaLabel = named(screen.ariaLabel) + status;
  const isNew = isGone || (old && old !== screen.ariaLabel);
  const label = make('b', isNew ? 'of new' : 'of', screen.ariaLabel);
  screen.replaceChildren(label, program.screen);
  screen.scrollTop = screen.scrollHeight;
  const code = part(side, 'code');
  code.ariaLabel = nameOf(program.who);
  const values = { ...program.values };
  if (status) values[program.line] = status;
  for (const line of code.children) {
    const number = line.dataset.line;
    const lit = Number(number) === program.line;
    line.classList.toggle('lit', lit);
    line.classList.toggle('acts', lit && acts);
    line.ariaCurrent = lit ? 'step' : null;
    const value = line.matches('.first') && values[number];
    line.lastChild.textContent = value || '';
  }
  bringIntoSight(code);
}

// Scrolls a program, and nothing else, until all that is lit can be seen.
function bringIntoSight(code) {
  const lines = [...code.querySelectorAll('.lit')];
  const lit = lines.filter(line => line.offsetHeight);
  if (!lit.length) return;
  const top = lit[0].offsetTop;
  const last = lit[lit.length - 1];
  const bottom = last.offsetTop + last.offsetHeight;
  const end = code.scrollTop + code.clientHeight;
  if (top >= code.scrollTop && bottom <= end) return;
  const middle = (top + bottom - code.clientHeight) / 2;
  code.scrollTo(0, Math.min(top, middle));
}

// Sockets with the same marks, if there are too many for a line each.
function grouped(sockets) {
  if (sockets.length < 4) return sockets.map(socket => [socket]);
  const groups = {};
  for (const socket of sockets) (groups[socket.marks] ||= []).push(socket);
  return Object.values(groups);
}

// `client 2, 3, 4`, or the ports of one alone.
function ownersOf([first, ...others]) {
  const numbers = others.map(({ client }) => client.replace(/.* /, ''));
  const ports = others.length ? '' : ` ${first.ports}`;
  return [nameOf(first.client), ...numbers].join(texts.between) + ports;
}

// The sockets of a kernel; a mark that was not there at the stop before is new.
function drawKernel(side, sockets, before) {
  const kernel = part(side, 'kernel');
  const key = (socket, mark) => socket.client + socket.ports + mark;
  const old = before.flatMap(one => one.marks.map(mark => key(one, mark)));
  const its = sockets.filter(socket => socket.side === side);
  const boxes = grouped(its).map(group => {
    const spans = group[0].marks.flatMap(mark => {
      const isOld = group.every(socket => old.includes(key(socket, mark)));
      const age = isOld ? 'mark' : 'mark new';
      return [' ', make('span', age, ...explain(mark))];
    });
    return make('p', '', ownersOf(group), ...spans);
  });
  kernel.replaceChildren(kernel.firstChild, ...boxes);
  const first = kernel.querySelector('.new');
  kernel.scrollTop = first ? first.offsetTop - 40 : 0;
}

// All packets until now; as many as `old` were there at the stop before.
function drawWire(packets, old) {
  const items = packets.map((packet, index) => {
    const { arrow, flags, numbers, data, by, lost, notes = '' } = packet;
    const client = packet.client && named(nameOf(packet.client));
    const what = make(
      'span',
      'what',
      `${arrow} ${client}`,
      make('b', '', ...explain(flags)),
      ` ${numbers} ${data} ${notes}`,
    );
    if (by === 'kernel') {
      what.append(make('span', 'unseen', ` ${texts.by_kernel}`));
    }
    const age = index < old ? 'old' : '';
    const fate = lost ? [make('strong', 'lost', lost)] : [];
    return make('li', `packet by-${by} ${arrow} ${age}`, what, ...fate);
  });
  const wire = stage.querySelector('.wire');
  wire.replaceChildren(...items);
  wire.scrollTop = items[old] ? items[old].offsetTop : wire.scrollHeight;
}

const lastStop = () => recording.stops.length - 1;
const menu = by('scenario');
const nextScenario = () => menu.selectedOptions[0].nextElementSibling;

// The sentence comes first: if it is long, the programs have less room, and are scrolled.
function draw() {
  const { steps, stops } = recording;
  const number = stops[at];
  const step = steps[number] || { caption: menu.selectedOptions[0].text };
  const state = stateAfter(number);
  const before = stateAfter(at ? stops[at - 1] : -1);
  if (question) update(state, steps[stops[at + 1]]?.asked);
  say(step, number);
  drawWire(state.packets, before.packets.length);
  for (const side of sides) drawKernel(side, state.sockets, before.sockets);
  for (const side of sides) drawProgram(side, state[side], step.side === side);
  const count = texts.count.replace('{at}', number + 1);
  write('count', count.replace('{all}', steps.length));
}

// What the step does, or a question; the answer; and a word about the scenario.
function say(step, number) {
  const { about, begins, differs, unseen } = recording;
  by('said').classList.toggle('asks', !!question);
  const label = make('b', '', step.label || '');
  const caption = question ? [question] : [label, ...explain(step.caption)];
  by('caption').replaceChildren(...caption);
  write('answer', !question && by('questions').checked && step.answer);
  const isLast = at === lastStop();
  const special = isLast ? differs : number === begins - 1 && about;
  write('note', !question && (special || unseen));
  write('following', !question && isLast && nameNext());
  write('meaning');
}

function nameNext() {
  const next = nextScenario();
  return next && texts.next_scenario.replace('{title}', next.text);
}

// ── Moving ───────────────────────────────────────────────────────────────────

// Goes to a stop, or to the question about the next one. The address follows when the hand rests:
// browsers allow only so many changes.
function go(index, asked = '') {
  at = Math.max(0, Math.min(lastStop(), index));
  question = asked;
  draw();
  clearTimeout(writing);
  const before = location.hash;
  writing = setTimeout(() => {
    if (location.hash !== before) return; // a newer address stays
    const step = recording.stops[at] + 1;
    const { address = `#${menu.value}-step-${step}` } = recording;
    history.replaceState(null, '', address);
  }, 200);
}

// Forward to a stop; if it answers a question, the question comes first, at the stop before.
function forwardTo(index) {
  const wasAsked = question && index === at + 1;
  const step = recording.steps[recording.stops[index]];
  const asks = by('questions').checked && !wasAsked && step?.asks;
  if (asks) go(index - 1, asks);
  else go(index);
}

// The first stop of which something is true, or the last stop.
function find(isWanted) {
  const index = recording.stops.findIndex(isWanted);
  return index < 0 ? lastStop() : index;
}

function nextEvent() {
  const { stops, events } = recording;
  const next = events.find(number => number > stops[at]);
  if (at === lastStop()) forward();
  else forwardTo(find(number => number === next));
}

function changeLanguage() {
  const isRust = stage.classList.toggle('in-rust');
  write('language', isRust ? 'Rust' : 'Python');
  draw();
}

// After the last stop the next scenario is named, and then opened.
function forward() {
  if (at < lastStop()) forwardTo(at + 1);
  else if (!question) go(at, nameNext() || '');
  else openNext();
}

const openNext = () => open(nextScenario().value);
const back = () => go(question ? at : at - 1);

// What keys do, and buttons that have the key as their value.
const moves = {
  ArrowRight: forward,
  ArrowDown: forward,
  PageDown: forward,
  ' ': forward,
  ArrowLeft: back,
  ArrowUp: back,
  PageUp: back,
  Home: () => go(0),
  End: () => go(lastStop()),
  n: nextEvent,
  l: changeLanguage,
  q: () => by('questions').click(),
  '?': () => by('keys').showModal(),
  w: () => by(stage.matches('.in-rust') ? 'tokens' : 'words').showModal(),
};

function press(event) {
  const { key, target, shiftKey } = event;
  const isInUse =
    event.altKey ||
    event.ctrlKey ||
    event.metaKey ||
    (shiftKey && key !== '?') ||
    (key === ' ' && target.matches('button, a')) ||
    target.matches('select, input, summary, textarea') ||
    document.querySelector('dialog[open]');
  const isBelow = scrollY > stage.offsetHeight / 2;
  if (!moves[key] || isInUse || isBelow) return;
  event.preventDefault();
  moves[key]();
}

// A scenario at one of its steps, or where it begins for a class: what came before is one stop.
function open(name, step = recordings[name].begins) {
  const changed = recording !== recordings[name];
  recording = recordings[name];
  menu.value = name;
  if (changed) copyPrograms();
  go(find(number => number >= step - 1));
}

// Opens what the address names: a step, a scenario, or another part of the page.
function show() {
  const shared = location.hash.match(/^#own-(tcp|udp)=(.*)$/);
  if (shared) showShared(...shared);
  const named = location.hash.match(/^#(.+?)(?:-step-(\d+))?$/);
  const [, wanted, step] = named || [];
  if (wanted in recordings) {
    open(wanted, step);
    scrollTo(0, 0);
  } else if (!recording) {
    open(Object.keys(recordings)[0]);
    clearTimeout(writing); // the address may name another part of the page
  }
}

// ── A scenario of one's own ──────────────────────────────────────────────────

const text = by('text');
const over = by('over');
let isPlaying = false;

// The whole scenario is in an address; it is played when somebody wants it. An address that was cut
// off gives what is left.
function showShared(address, protocol, encoded) {
  const played = recordings[`own-${protocol}`];
  if (played?.address === address) return open(`own-${protocol}`);
  history.scrollRestoration = 'manual';
  fill(new URLSearchParams(`text=${encoded}`).get('text'));
  over.value = protocol;
  by('own').scrollIntoView();
}

function fill(scenario) {
  text.value = scenario;
  changed();
}

// The link is that of what was played. A scenario may be for one protocol only.
function changed() {
  by('link').hidden = true;
  const only = text.value.match(/^\s*only (tcp|udp)\s*$/m);
  if (only) over.value = only[1];
}

// A line of the grammar goes below the line with the cursor.
function insert(line) {
  const end = `${text.value}\n`.indexOf('\n', text.selectionEnd);
  text.setRangeText(end ? `\n${line}` : line, end, end, 'end');
  text.focus();
  changed();
}

// What is wrong, at the line that is wrong, counted from 1.
function markWrong({ line, error }) {
  const where = line ? texts.in_line.replace('{line}', line) : '';
  write('wrong', where + error);
  if (!line) return;
  const lines = text.value.split('\n');
  const start = lines.slice(0, line - 1).join('\n').length + (line > 1);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] || '').length);
}

// The answer of the server; if there is none, an error like its own.
async function ask(path, options) {
  try {
    const reply = await fetch(path, options);
    return { isWrong: !reply.ok, ...(await reply.json()) };
  } catch {
    return { isWrong: true, error: texts.no_answer };
  }
}

// The server plays it; while others come first, the page says its place in the queue.
async function play() {
  if (isPlaying) return;
  isPlaying = true;
  const id = String(Math.random());
  const { lang } = document.documentElement;
  const [scenario, protocol] = [text.value, over.value];
  const waiting = setInterval(() => writePlace(id), 1000);
  write('wrong');
  write('place', texts.playing);
  const path = `play?protocol=${protocol}&lang=${lang}&id=${id}`;
  const played = await ask(path, { method: 'POST', body: scenario });
  clearInterval(waiting);
  isPlaying = false;
  write('place');
  if (played.isWrong) markWrong(played);
  else keep(played, scenario);
}

async function writePlace(id) {
  const { place } = await ask(`place?id=${id}`);
  if (place && isPlaying) write('place', texts.place.replace('{place}', place));
}

// It is shown at once, unless the text has been changed.
function keep({ page, compared }, scenario) {
  const name = `own-${page.protocol}`;
  const address = `#${name}=${encodeURIComponent(scenario)}`;
  page.differs ||= compared ? texts.same : texts.not_compared;
  recordings[name] = { ...page, address };
  menu.querySelector(`[value=${name}]`)?.remove();
  menu.add(new Option(page.title, name));
  if (scenario !== text.value) return write('place', texts.played);
  by('link').href = address;
  by('link').hidden = false;
  open(name);
  scrollTo(0, 0);
}

text.value = by('copied').value;
text.oninput = changed;
by('copy').onclick = () => fill(by('copied').value);
by('play').onclick = play;
for (const button of all('#lines button')) {
  button.onclick = () => insert(button.textContent);
}

// ── The question sheet ───────────────────────────────────────────────────────

function choose(box) {
  for (const line of all(`#sheet .${box.value}`)) {
    line.hidden = !box.checked;
  }
}

for (const box of all('#sheet input')) {
  box.onchange = () => choose(box);
  choose(box);
}

// Questions and answers are never in the same job.
for (const button of all('#sheet button')) {
  button.onclick = () => {
    document.body.className = button.value;
    print();
    document.body.removeAttribute('class');
  };
}

for (const button of all('nav button')) {
  button.onclick = moves[button.value];
}
by('more').onclick = ({ target }) => {
  if (target.matches('a, button')) by('more').open = false;
};
by('words').onclick = ({ target }) => {
  if (target.matches('a')) by('words').close();
};
by('questions').onchange = () => {
  question = '';
  draw();
};
menu.onchange = () => open(menu.value);
by('following').onclick = openNext;
by('meaning').onclick = () => write('meaning');
addEventListener('hashchange', show);
addEventListener('keydown', press);
show();
