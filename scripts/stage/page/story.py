"""A recording in the words of a language, as the page shows it."""

from stage.model import side, states
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


class Story:
    """`data` is what the script of the page shows. It stops at `stops`: the imports and constants of a
    program are one. `events` are those of them at which something happens."""

    def __init__(self, recording, words):
        self.recording, self.words = fixed(recording), words
        protocol = recording.protocol
        self.name = f'{recording.name}-{protocol}'
        title, *about = words.about(recording.name, recording.about)
        self.title = words('terminal', 'titled', title=title, protocol=protocol.upper())
        self.heads = list(heads(self.recording.steps))
        self.steps = list(self.all_steps())
        followed = enumerate(zip(self.heads, [*self.heads[1:], '']))
        stops = [at for at, (head, then) in followed if not head or head != then]
        is_event = list(are_events(self.recording.steps))
        self.data = {
            'about': ' '.join(about),
            'protocol': protocol,
            'stops': stops,
            'events': [stop for stop in stops if is_event[stop]],
            'differs': self.differs(),
            'unseen': '' if recording.packets_seen else words('page', 'no_packets'),
            'steps': self.steps,
        }

    def differs(self):
        """How the other language differs, or nothing."""
        found = self.recording.differences
        if not found:
            return ''
        what = '; '.join(map(self.words.difference, found))
        return self.words('page', 'differs', language=found[0].language, what=what)

    def all_steps(self):
        """Each step, with what is new in it."""
        steps = self.recording.steps
        shown = {}  # the program on each side
        for step, head, (programs, sockets) in zip(steps, self.heads, states(steps)):
            its_side, program = side(step.who), program_of(step.who, programs)
            old = shown.get(its_side, {}).items()
            shown[its_side] = program
            data = {
                'side': its_side,
                'label': self.label(step),
                'caption': self.words.caption(step, head),
                'packets': list(map(self.packet, step.packets)),
                'program': dict(one for one in program.items() if one not in old),
                **self.question(step),
            }
            data = {name: value for name, value in data.items() if value}
            if step.sockets is not None:
                data['sockets'] = list(map(self.socket, sockets))
            yield data

    def label(self, step):
        """Whose step it is."""
        key = 'line' if step.line else 'who'
        has_label = step.line or step.event == 'exits'
        return has_label and self.words('page', key, who=step.who, line=step.line)

    def question(self, step):
        """What is asked before the step, and the answer."""
        asked = list(self.words.asked(self.recording, step))
        questions, answers = zip(*asked) if asked else ((), ())
        return {'asks': ' '.join(questions), 'answer': ' '.join(answers)}

    def packet(self, packet):
        """Which way a packet goes, of which client, and what it is."""
        return {
            'arrow': arrow(packet),
            'client': packet.client,
            'flags': self.words.flags(packet),
            'numbers': self.words.numbers(packet),
            'data': readable(packet.data),
            'by': packet.by,
        }

    def socket(self, socket):
        """A socket: its ports, its state, and marks such as `5 bytes unread`."""
        peer = f' → :{socket.peer_port}' if socket.peer_port else ''
        client = socket.peer or socket.owner
        return {
            'side': side(socket.owner),
            'client': client if side(client) == 'client' else '',
            'ports': f':{socket.port}{peer}',
            'marks': [socket.state, *self.words.marks(socket)],
        }


def program_of(who, programs):
    """How things stand with the program that did the step."""
    if not who:  # time passes
        return {}
    state = programs[who]
    return {
        'who': who,
        'line': state.line,
        'waits': bool(state.call),
        'screen': shorten(state.screen),
        'values': values(state),
    }


def values(state):
    """What each line has assigned last; of several values those that say more than <socket>."""
    lines = {}
    for name, (line, value) in state.variables.items():
        lines.setdefault(line or 0, {})[name] = shorten(value)
    return {line: ', '.join(shown(assigned)) for line, assigned in lines.items()}


def shown(assigned):
    if len(assigned) == 1:
        return assigned.values()
    said = assigned.items()
    return [f'{name} = {value}' for name, value in said if value != '<socket>']
