"""A recording in the words of a language, as the page shows it."""

from stage.model import State, is_due, side, states
from stage.page.fixed import fixed
from stage.words import arrow, readable, shorten


def heads(steps):
    """Of each step, the program whose imports and constants it belongs to, or nothing."""
    begun = set()  # programs that have made a call since they started
    for step in steps:
        if step.call:
            begun.add(step.who)
        is_head = step.event == 'done' and step.who not in begun
        yield step.who if is_head else ''
        if step.event in ('exits', 'killed'):
            begun.discard(step.who)


def are_events(steps):
    """Of each step, whether something happens between programs and kernels. A wait does not count
    after something else that the program did in its turn."""
    who, is_busy = '', False
    for step in steps:
        is_busy = is_busy and step.who == who
        happens = bool(step.packets) or step.sockets is not None
        quiet = ('done', 'exits', 'waits') if is_busy else ('done', 'exits')
        yield happens or step.event not in quiet
        who, is_busy = step.who, is_busy or happens


def statuses(steps):
    """After each step, which programs are held, were killed, or have exited."""
    found = {}
    for step in steps:
        old = found.get(step.who)
        if step.event in ('held', 'killed', 'exits') and old != 'killed':
            found = {**found, step.who: step.event}
        elif step.event == 'goes on' or old in ('killed', 'exits'):
            found = {**found, step.who: ''}
        yield found


class Story:
    """`data` is what the script of the page shows. It stops before the first step, and at `stops`: the
    imports and constants of a program are one. `events` are those of them at which something happens, or
    which answer a question. `sheet` has each question, its answer, and the lines that it is about."""

    def __init__(self, recording, words):
        self.recording, self.words = fixed(recording), words
        protocol = recording.protocol
        self.name = f'{recording.name}-{protocol}'
        title, *about = words.about(recording.name, recording.about)
        self.title = words('terminal', 'titled', title=title, protocol=protocol.upper())
        self.heads = list(heads(self.recording.steps))
        followed = enumerate(zip(self.heads, [*self.heads[1:], '']))
        stops = [at for at, (head, then) in followed if not head or head != then]
        self.sheet, self.sources = [], {}
        self.steps = list(self.all_steps(stops))
        is_event = list(are_events(self.recording.steps))
        self.data = {
            'about': words.join('texts', about),
            'protocol': protocol,
            'begins': recording.begins,
            'stops': [-1, *stops],
            'events': [at for at in stops if is_event[at] or 'asks' in self.steps[at]],
            'differs': self.differs(),
            'unseen': '' if recording.packets_seen else words('page', 'no_packets'),
            'steps': self.steps,
        }

    def differs(self):
        """How the other language differs, or nothing."""
        found = self.recording.differences
        if not found:
            return ''
        what = self.words.join('sentences', map(self.words.difference, found))
        return self.words('page', 'differs', language=found[0].language, what=what)

    def all_steps(self, stops):
        """Each step, with what is new in it."""
        steps = self.recording.steps
        before, shown, asked = {}, {}, []  # shown: the program on each side
        followed = zip(steps, states(steps), statuses(steps))
        for at, (step, (programs, sockets), status) in enumerate(followed):
            self.sources[side(step.who), step.line] = step.source
            whos = {one: shown[one]['who'] for one in shown}
            whos.update({side(step.who): step.who} if step.who else {})
            now = {
                one: program_of(who, programs[who], sockets, status.get(who))
                for one, who in whos.items()
            }
            data = {
                'side': side(step.who),
                'label': self.label(step),
                'caption': self.words.caption(step, self.heads[at]),
                'packets': list(map(self.packet, step.packets)),
                'programs': news(shown, now),
            }
            asked += self.words.asked(self.recording, step)
            if asked and at in stops:
                data.update(self.question(asked, step, before, whos))
                data['asked'] = self.hidden(step, before, shown)
                asked = []
            data = {name: value for name, value in data.items() if value}
            if step.sockets is not None:
                data['sockets'] = list(map(self.socket, sockets))
            yield data
            before, shown = programs, now

    def label(self, step):
        """Whose step it is."""
        key = 'line' if step.line else 'who'
        has_label = step.line or step.event == 'exits'
        return has_label and self.words('page', key, who=step.who, line=step.line)

    def question(self, asked, step, before, whos):
        """What is asked before the step, and the answer. The sheet gets it with the line that answers,
        and the line at which the other program is."""
        question, answer = (self.words.join('texts', one) for one in zip(*asked))
        lines = {who: before.get(who, State()).line for who in whos.values()}
        if step.line:
            lines[step.who] = step.line if step.call else None
        code = [
            (self.words.name(who), line, self.sources[side(who), line])
            for who, line in lines.items()
            if line
        ]
        self.sheet.append((question, answer, code))
        return {'asks': question, 'answer': answer}

    @staticmethod
    def hidden(step, before, shown):
        """The program that a question is about, if another one is shown on its side."""
        its_side = side(step.who)
        if step.who not in before or shown[its_side]['who'] == step.who:
            return {}
        return {its_side: program_of(step.who, before[step.who], [], '')}

    def packet(self, packet):
        """Which way a packet goes, of which client, what it is, and what became of it."""
        by_kernel = self.words('packet', 'by kernel')  # a dashed line says so
        notes = [one for one in self.words.notes(packet) if one != by_kernel]
        is_lost = packet.fate in ('lost', 'rejected')
        return {
            'arrow': arrow(packet),
            'client': numbered(packet.client),
            'flags': self.words.flags(packet),
            'numbers': self.words.numbers(packet),
            'data': readable(packet.data),
            'by': packet.by,
            **({'lost': notes.pop(0)} if is_lost else {}),
            **({'notes': ' '.join(notes)} if notes else {}),
        }

    def socket(self, socket):
        """A socket: its ports, its state, and marks such as `5 bytes unread`."""
        peer = f' → :{socket.peer_port}' if socket.peer_port else ''
        state = socket.state
        if state in ('new', 'bound'):
            state = self.words('socket', state)
        return {
            'side': side(socket.owner),
            'client': numbered(socket.peer or socket.owner),
            'ports': f':{socket.port}{peer}' if socket.port else '',
            'marks': [state, *self.words.marks(socket)],
        }


def numbered(who):
    """The name of one of several clients, or nothing."""
    return who if ' ' in who else ''


def program_of(who, state, sockets, status):
    """How things stand with a program. It is held, killed, has exited; or its call waits, or could
    return, and has not had its turn."""
    if state.call and not status:
        status = 'due' if is_due(who, state, sockets) else 'waits'
    return {
        'who': who,
        'line': state.line,
        'status': status or '',
        'screen': shorten(state.screen),
        'values': values(state),
    }


def news(old, now):
    """What is new on each side."""
    found = {
        side: {
            name: value
            for name, value in program.items()
            if (name, value) not in old.get(side, {}).items()
        }
        for side, program in now.items()
    }
    return {side: program for side, program in found.items() if program}


def values(state):
    """What each line has assigned last. A new socket alone needs no name."""
    lines = {}
    for name, (line, value) in state.variables.items():
        lines.setdefault(line or 0, {})[name] = shorten(value)
    return {line: ', '.join(shown(assigned)) for line, assigned in lines.items()}


def shown(assigned):
    if len(assigned) == 1:
        return assigned.values()
    return [f'{name} = {value}' for name, value in assigned.items()]
