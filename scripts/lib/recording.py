"""Records a play of the Python programs: each step, and how things stand after it."""
import linecache
import re

from play import Play, in_languages
from programs import TracedProgram

CALL = re.compile(
    r'\b(socket|bind|listen|accept|connect(?:_ex)?|send(?:to|all)?|recv(?:from)?|close|input|print)\(')
NOT_STARTED = {'line': None, 'waits': False, 'exited': False, 'variables': {}, 'screen': ''}


def kernel_changes(before, now):
    """Of each socket that has changed, whose it is and what is new."""
    old = {key(one): one for one in before}
    for one in now:
        was = old.pop(key(one), {'state': None, 'queue': 0, 'unread': 0})
        found = [one['state']] * (one['state'] != was['state'])
        if (one['queue'] or 0) != (was['queue'] or 0):
            found.append(f"{one['queue']} in the queue")
        if one['unread'] != was['unread']:
            found.append(f"{one['unread']} bytes unread")
        if found:
            yield f"{whose(one)}: {', '.join(found)}"
    for one in filter(lambda one: one['state'], old.values()):
        yield f'{whose(one)}: closed'


def key(one):
    return one['own'], one['peer'], one['state'] == 'LISTEN'


def whose(one):
    if one['side'] == 'client':
        return one['client']
    return 'server' if one['client'] in (None, 'client') else f"server to {one['client']}"


class Recording(Play):
    """A play in Python that keeps its steps. Each has `who` does it and its `event`: a line is
    `done`, `raises` an exception, or `waits`; a program `exits`; or something is done to it
    (`action`). `programs` and `sockets` are there if they have changed."""

    def __init__(self, scenario, protocol):
        super().__init__(scenario, protocol, in_languages(protocol, ['python']))
        self.steps, self.questions = [], []
        self.states, self.sockets, self.begun = {}, [], {}

    def program(self, name, argv):
        return TracedProgram(name, argv, self.folder.name, self.line)

    def line(self, program, report):
        self.begun.pop(program.name, None)
        if report['event'] == 'begins':
            self.begun[program.name] = report
            return
        variables = {name: self.public(value) for name, value in report['variables'].items()}
        state = {**NOT_STARTED, 'line': report['line'], 'variables': variables,
                 'waits': report['event'] == 'waits'}
        self.step(report['event'], program, state, report['error'] or report['sent'])

    def rests(self, program):
        report = self.begun.pop(program.name, None)
        if report and not program.ended():
            self.line(program, {**report, 'event': 'waits'})

    def exited(self, program):
        state = {**self.states.get(program.name, NOT_STARTED), 'waits': False, 'exited': True}
        self.step('exits', program, {**state, 'line': None}, program.end())

    def did(self, action):
        if action.verb == 'ask':
            self.questions.append(action)
        elif action.verb not in ('start', 'type', 'leave'):
            program = self.programs.get(action.name)
            state = program and {**self.states.get(program.name, NOT_STARTED)}
            if action.verb == 'kill':
                state.update(line=None, waits=False, exited=True)
            self.step('action', program, state, action.text)

    def step(self, event, program, state, text):
        """Adds a step. It answers the question that was asked about its call."""
        name = program.name if program else ''
        step = {'who': name, 'event': event, 'line': None, 'text': text}
        if program:
            step.update(self.program_part(event, program, state))
        step['packets'] = self.take_packets(name or None)
        sockets = self.wire.sockets() if self.wire else []
        step['kernel'] = list(kernel_changes(self.sockets, sockets))
        if sockets != self.sockets:
            step['sockets'] = self.sockets = sockets
        step['asks'] = self.answered(step)
        self.steps.append(step)

    def answered(self, step):
        """The questions that a step answers."""
        answered = [one for one in self.questions if self.answers(step, one)]
        self.questions = [one for one in self.questions if one not in answered]
        return [one.value for one in answered]

    def program_part(self, event, program, state):
        """The line and its call, and the state of the program if it has changed."""
        part = {}
        if state['line'] and event != 'action':
            source = linecache.getline(str(program.file), state['line']).rstrip().split('  #')[0]
            call = CALL.search(source)
            part = {'line': state['line'], 'source': source, 'call': call and call[1]}
        state['screen'] = self.public(program.screen())
        if state != self.states.get(program.name):
            self.states[program.name] = state
            part['programs'] = {program.name: state}
        return part

    @staticmethod
    def answers(step, question):
        """Whether a step is the answer: the call returns or waits."""
        call, _, how = question.call.partition(' ')
        protocols = {'sendto': 'send', 'recvfrom': 'recv'}
        happens = 'waits' if step['event'] == 'waits' else 'returns'
        return (step['who'] == question.name and how in ('', happens)
                and protocols.get(step.get('call'), step.get('call')) == call)
