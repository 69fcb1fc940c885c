"""Turns recordings of play.sh into what the page shows, in its language; each time the same."""
import json
import re
from ast import literal_eval

from show import shorten

TIME = 'Sun Nov  1 09:05:03 2026'
FIRST_PORT = 50001
NOTHING = {'screen': '', 'variables': {}}


def fix(line):
    """A recording with a fixed time and fixed clients' ports."""
    text = re.sub(r'\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d \d{4}', TIME, line)
    ports = {}
    for step in json.loads(text)['steps']:
        for packet in step['packets']:
            port = packet['ports'][packet['from'] == 'server']
            ports.setdefault(port, FIRST_PORT + len(ports))
    return json.loads(re.sub(r'\b\d{5}\b', lambda match: str(ports.get(int(match[0]), match[0])),
                             text))


def changes(before, now, event):
    """What a step has added to the output, and the values that its line has assigned."""
    changed = {}
    if now['screen'].startswith(before['screen']):
        changed['more'] = shorten(now['screen'][len(before['screen']):])
    else:
        changed['screen'] = shorten(now['screen'])      # the program has started again
    if event == 'done':
        changed['values'] = {name: shorten(value) for name, value in now['variables'].items()
                             if before['variables'].get(name) != value}
    return changed


class Steps:
    """A recording as the page shows it. `stops` are the steps at which one stops, `events` those
    of them at which something happens between programs and kernels."""

    def __init__(self, recording, texts):
        self.texts, self.protocol = texts, recording['protocol']
        self.name = f"{recording['name']}-{self.protocol}"
        own = texts['scenarios'][recording['name']] if 'scenarios' in texts else recording
        self.title, *about = own['about'] or [recording['name']]
        self.full_title = texts['titled'].format(self.title, self.protocol.upper())
        self.about = ' '.join(about)
        self.question = own['questions'].__getitem__ if 'questions' in own else str
        rust = '; '.join(map(self.translated, recording['rust']))
        self.rust = [texts['rust_differs'] + rust] * bool(rust)
        self.seen = recording['packets_seen']
        self.programs, self.begun, self.steps = {}, set(), []
        for step in recording['steps']:
            self.steps.append(self.shown(step))
        numbers = range(len(self.steps))
        self.stops = [number for number in numbers if not self.goes_on(number)]
        self.events = [number for number in self.stops if self.is_event(number)]

    def data(self):
        """For the script of the page."""
        names = 'title', 'about', 'protocol', 'steps', 'stops', 'events', 'rust', 'seen'
        return {name: getattr(self, name) for name in names}

    def answers(self):
        """Each question, and its answer in words."""
        for step in self.steps:
            packets = [f"{'→' if one['to'] == 'server' else '←'} {one['flags']}"
                       for one in step.get('packets', [])]
            answer = '; '.join([step['caption'], *packets, *step.get('kernel', [])])
            for question in step.get('asks', []):
                yield question, f"{step['who']}: {answer}"

    def shown(self, step):
        """A step as the page shows it: only what is there, and what has changed."""
        who, call = step['who'], step.get('call')
        before = self.programs.get(who, NOTHING)
        now = step.get('programs', {}).get(who, before)
        if call:
            self.begun.add(who)
        shown = {'who': who, 'line': step['line'], 'event': step['event'], 'call': call,
                 'head': step['event'] == 'done' and who not in self.begun,
                 'caption': self.caption(step, before, now),
                 'asks': list(map(self.question, step['asks'])),
                 'kernel': [self.translated(one) for one in step['kernel']],
                 'packets': [self.packet(packet) for packet in step['packets']]}
        shown.update(changes(before, now, step['event']))
        shown = {name: value for name, value in shown.items() if value}
        if 'sockets' in step:
            shown['sockets'] = [self.socket(one) for one in step['sockets']]
        self.programs[who] = now
        return shown

    def goes_on(self, number):
        """The imports and constants of a program are one stop."""
        both = self.steps[number:number + 2]
        return len(both) == 2 and all(step.get('head') for step in both) and (
            both[0]['who'] == both[1]['who'])

    def is_event(self, number):
        step = self.steps[number]
        if self.happens(step) or step['event'] in ('raises', 'action'):
            return True
        return step['event'] == 'waits' and not self.turn_brought_something(number)

    @staticmethod
    def happens(step):
        return 'packets' in step or 'sockets' in step

    def turn_brought_something(self, number):
        """Whether the program has done something else in the turn that ends with this wait."""
        who = self.steps[number].get('who')
        while number and self.steps[number - 1].get('who') == who:
            number -= 1
            if self.happens(self.steps[number]):
                return True
        return False

    def caption(self, step, before, now):
        """What a step does, without the name of the program."""
        texts, event, text = self.texts, step['event'], step['text'] or ''
        if event == 'action':
            return self.translated(text)
        if event == 'exits':
            error = text.partition('exits with error ')[2]
            return texts['exits_with' if error else 'exits'].format(error=error)
        if event == 'raises':
            return texts['raises'].format(call=step.get('call') or '', error=text)
        if event == 'waits':
            return texts['waiting'][step['call']]
        return self.done(step, now['variables'], text)

    def translated(self, text):
        """What a recording says in English, in the language of the page, by regular expressions."""
        for english, translation in self.texts['recorded'].items():
            text = re.sub(english, translation, text)
        return text

    def done(self, step, variables, sent):
        """The text for a call that has returned, or for another line."""
        calls, call = self.texts['calls'], step.get('call')
        if not call:
            word = step['source'].split()[0]
            return self.texts['imports'] if step['who'] not in self.begun else calls.get(
                word, calls['other'])
        count = len(sent.encode()) if call.startswith('send') else len(
            literal_eval(variables.get('data', "''")))
        port = re.search(r'\d*(?=\)$)', variables.get('ADDR', ''))
        special = {'close': any('FIN' in one['flags'] for one in step['packets']),
                   'input': not count, 'recv': not count}
        text = calls.get(f'{call}_special' if special.get(call) else call, calls['other'])
        return text.format(count=count, port=port and port[0])

    def packet(self, packet):
        shown = {'to': 'server' if packet['from'] == 'client' else 'client',
                 'data': shorten(packet['data'])}
        shown.update((name, packet[name]) for name in ('client', 'flags', 'numbers', 'kernel'))
        return {name: value for name, value in shown.items() if value}

    def socket(self, one):
        """A socket of a kernel: its ports, its state, and marks such as `5 bytes unread`."""
        peer = f" → :{one['peer']}" if one['peer'] else ''
        marks = [self.translated(f'{one[name]} {what}') for name, what in
                 [('queue', 'in the queue'), ('unread', 'bytes unread')] if one[name]]
        return {'side': one['side'], 'client': one['client'] or '',
                'ports': f":{one['own']}{peer}", 'state': one['state'] or 'UDP', 'marks': marks}
