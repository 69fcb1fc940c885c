"""Programs that run: their keyboard, their output, and whether they are at rest."""
import itertools
import json
import multiprocessing
import os
import random
import re
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from scenario import ScenarioError

TOP = Path(__file__).resolve().parents[2]
TRACER = TOP / 'scripts/lib/tracer.py'
RUN = TOP / 'scripts/run.py'
NUMBERS = itertools.count()


def python_file(program):
    return TOP / program / f"{program.replace('-', '_')}.py"


def command(language, program, port=None):
    """Runs a program on its own address, or on a port of 127.0.0.1. lib.sh says where Rust's
    are, in BIN."""
    address = ['127.0.0.1', port] if port else []
    if language == 'rust':
        return [f"{os.environ['BIN']}/{program}", *address]
    return python_command(python_file(program), address)


def python_command(file, address=()):
    return [sys.executable, '-u', *([RUN, file, *address] if address else [file])]


def free_port():
    """A port that is free for TCP and UDP, and that no kernel picks for a client."""
    while True:
        port = random.randrange(22000, 32000)
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp, \
                suppress(OSError):
            tcp.bind(('127.0.0.1', port))
            udp.bind(('127.0.0.1', port))
            return port


def process_state(pid):
    """Changes as long as a process runs; None while one of its threads does."""
    threads = []
    try:
        for thread in Path(f'/proc/{pid}/task').iterdir():
            status = (thread / 'status').read_text()
            state = re.search(r'State:\s+(\w)', status)[1]
            if state not in 'SI' or status.startswith('Name:\tstrace'):
                return None
            threads.append(re.search(r'voluntary_ctxt_switches:\s+(\d+)', status)[1])
    except OSError:     # there is no /proc, or the process has just exited
        ps = subprocess.run(['ps', '-o', 'state=', '-p', str(pid)], check=False,
                            stdout=subprocess.PIPE, encoding='ascii')
        threads = ps.stdout.strip()
        return threads if threads[:1] in ('S', 'I') else None
    return ' '.join(threads)


def read(path):
    return path.read_bytes().decode('utf-8', 'surrogateescape').replace(os.linesep, '\n')


def stop(*_):
    """A signal ends this process and those that it has forked, and all that they have started."""
    for child in multiprocessing.active_children():
        child.terminate()
    raise KeyboardInterrupt


def run(main):
    """Runs a command and ends with its exit status; an error is a message."""
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    name = f'{Path(sys.argv[0]).stem}.sh'.replace('main', 'play')
    try:
        sys.exit(main(*sys.argv[1:]))
    except BrokenPipeError:     # nobody reads the output any more (`| head`)
        os._exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except (ScenarioError, OSError, subprocess.SubprocessError) as error:
        print(f'{name}: {error}', file=sys.stderr)
        sys.exit(2 if isinstance(error, ScenarioError) else 1)


class Program:
    """A process that runs in its turns, and is stopped between them."""

    def __init__(self, name, argv, folder, **options):
        self.name, self.side, self.file = name, name.split()[0], None
        self.typed = []             # what was typed, and after how much output
        self.is_held = self.is_stopped = self.has_exited = False
        self.files = [Path(folder, f'{name}-{next(NUMBERS)}.{kind}') for kind in ('out', 'err')]
        with open(self.files[0], 'wb') as out, open(self.files[1], 'wb') as err:
            self.process = subprocess.Popen([*map(str, argv)], stdin=subprocess.PIPE,
                                            stdout=out, stderr=err, **options)

    def type(self, line):
        if self.has_exited:
            return
        self.typed.append((len(self.output()), line + '\n'))
        with suppress(OSError):     # it is exiting
            os.write(self.process.stdin.fileno(), line.encode() + b'\n')

    def ended(self):
        return self.process.poll() is not None

    def state(self):
        """Stays the same while it is at rest; None while it runs."""
        if self.ended():
            return 'exited'
        return process_state(self.process.pid)

    def go(self):
        if self.is_stopped and not self.ended():
            self.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def stop(self):
        if not self.is_stopped and not self.ended():
            self.process.send_signal(signal.SIGSTOP)
            os.waitpid(self.process.pid, os.WUNTRACED)  # or it could still receive something
            self.is_stopped = True

    def output(self):
        """Standard output."""
        return read(self.files[0])

    def screen(self):
        """Standard output and what was typed, as a terminal shows it."""
        output, screen, start = self.output(), '', 0
        for end, line in self.typed:
            screen, start = screen + output[start:end] + line, end
        return screen + output[start:]

    def messages(self):
        """Standard error."""
        return read(self.files[1])

    def end(self):
        """how it ended, in words that do not depend on the language."""
        status, message = self.process.poll(), self.last_message()
        if status is None:
            return 'still runs'
        if status <= 0:
            return 'is killed' if status else 'exits'
        errors = re.findall(r'(?:Errno|os error) (\d+)', message)
        errors += re.findall(r'\w+Error', message)
        return f'exits with error {errors[0]}' if errors else f'exits with status {status}'

    def last_message(self):
        """Of standard error; in Python with the line of the program that it is about."""
        where = re.findall(r'(?:server|client)\.py", (line \d+)', self.messages())
        lines = [line for line in self.messages().splitlines() if line and line[:5] != 'note:']
        return ': '.join([*where[-1:], *lines[-1:]])

    def close(self):
        with suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.kill()
        self.process.wait()


class TracedProgram(Program):
    """A Python program that goes on only when what it reports has been heard."""

    def __init__(self, name, argv, folder, heard):
        self.heard = heard
        self.reports, theirs = socket.socketpair()
        self.lines = self.reports.makefile('rb', 0)
        python, unbuffered, *rest = argv
        file = rest[0] if len(rest) == 1 else rest[1]   # behind run.py
        super().__init__(name, [python, unbuffered, TRACER, theirs.fileno(), file, *rest], folder,
                         pass_fds=[theirs.fileno()])
        self.file = file
        theirs.close()

    def state(self):
        if select.select([self.reports], [], [], 0)[0]:
            report = self.lines.readline()
            if report:
                self.heard(self, json.loads(report))
                with suppress(OSError):     # it was killed
                    self.reports.send(b'.')
                return None
        return super().state()

    def close(self):
        super().close()
        self.lines.close()
        self.reports.close()
