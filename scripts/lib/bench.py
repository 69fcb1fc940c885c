"""The measuring part of bench.sh, which starts the servers and calls it:
bench.py [--quick] TOP BIN WORK LOAD PROTOCOL:LANGUAGE:PID:PORT…
"""
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import time

TICKS = os.sysconf('SC_CLK_TCK')  # of /proc/PID/stat, a second
MOST_MEMORY = 2.2 * 1024          # KiB, of a Rust server
MOST_ON_DISK = {'server': 420, 'client': 320}  # KiB, of a Rust binary
BAR = 38                          # columns

problems = []


def check(right, problem):
    if not right:
        problems.append(problem)


def progress(text):
    if sys.stderr.isatty():
        print(f'\r\033[K{text}', end='', file=sys.stderr, flush=True)


class Server:
    def __init__(self, text):
        self.protocol, self.language, pid, self.port = text.split(':')
        self.proc = f'/proc/{pid}'
        self.rates = []  # round trips a second, in each round
        self.cpu = [self.ticks()]  # (user, system), before and after each round

    def ticks(self):
        with open(self.proc + '/stat') as stat:
            fields = stat.read().rpartition(')')[2].split()
        return int(fields[11]), int(fields[12])

    def round(self, load, requests):
        took = subprocess.run([load, self.protocol, self.port, str(requests)],
                              stdout=subprocess.PIPE, timeout=60, check=True).stdout
        self.rates.append(requests / int(took) * 1e9)
        self.cpu.append(self.ticks())

    def microseconds(self, first, last, requests, kinds=(0, 1)):
        """Processor time per request from one round to another."""
        ticks = sum(self.cpu[last][kind] - self.cpu[first][kind] for kind in kinds)
        return ticks / TICKS * 1e6 / (requests * (last - first))

    def peak_memory(self):
        with open(self.proc + '/status') as status:
            return next(int(line.split()[1]) for line in status
                        if line.startswith('VmHWM:'))


def start_ups(top, bin_, work, times):
    """The milliseconds that each client needs until it ends as it is refused."""
    with socket.socket() as refusing:  # bound, not listening
        refusing.bind(('127.0.0.1', 0))
        port = str(refusing.getsockname()[1])
        half, message = work + '/tcp_client.py', work + '/message'
        with open(f'{top}/tcp-client/tcp_client.py') as file:
            text = file.read()
        with open(half, 'w') as file:
            file.write(text.replace('21567', port))
        clients = {'rust': [f'{bin_}/tcp-client', '127.0.0.1', port],
                   'python': [sys.executable, half]}
        statuses = {'rust': 111, 'python': 1}
        took = {'rust': [], 'python': []}
        for number in range(times):
            progress(f'start-up {number + 1} of {times} …')
            for language, command in clients.items():
                files = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                         (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                         (os.POSIX_SPAWN_OPEN, 2, message,
                          os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)]
                start = time.perf_counter()
                pid = os.posix_spawn(command[0], command, os.environ, file_actions=files)
                status = os.waitpid(pid, 0)[1]
                took[language].append((time.perf_counter() - start) * 1e3)
                with open(message) as file:
                    refused = '111' in file.read()
                check(refused and os.WIFEXITED(status)
                      and os.WEXITSTATUS(status) == statuses[language],
                      f'the {language} client did not end as one that is refused')
    return took


def machine():
    try:
        with open('/proc/cpuinfo') as file:
            cpu = next(line.split(':')[1].strip() for line in file
                       if line.startswith('model name'))
    except StopIteration:
        cpu = platform.machine()
    rustc = subprocess.run(['rustc', '--version'], stdout=subprocess.PIPE,
                           text=True, check=True).stdout.split()[1]
    zone = os.environ.get('TZ')
    return (f'{cpu}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}\n'
            f'Linux {platform.release()}, Python {platform.python_version()}, '
            f'rustc {rustc}, TZ {"unset" if zone is None else repr(zone)}')


coloured = sys.stdout.isatty() and not os.environ.get('NO_COLOR')


def paint(code, text):
    return f'\033[{code}m{text}\033[0m' if coloured else text


def bar(value, most):
    eighths = max(1, round(value / most * BAR * 8)) if most else 0
    return '█' * (eighths // 8) + ' ▏▎▍▌▋▊▉'[eighths % 8].strip()


def heading(text, what):
    print('\n' + paint(1, text) + what)


def rows(label, rust, python, form, more_is_better=False):
    """A bar for Rust, one for Python, and how many times better Rust does."""
    better, worse = (rust, python) if more_is_better else (python, rust)
    times = ''
    if better > 0 and worse > 0:
        times = better / worse
        times = (f'× {times:.1f}' if times < 10 else f'× {times:.0f}') \
            if times >= 0.1 else f'× 1/{1 / times:.0f}'
    for name, value, colour, end in (('Rust', rust, 32, times), ('Python', python, 33, '')):
        line = bar(value, max(rust, python))
        gap = ' ' * (BAR + 2 - len(line)) if end else ''
        print(f'{label:11}{name:7}{format(value, form):>9}  {paint(colour, line)}{gap}{end}')
        label = ''


def main():
    quick = sys.argv[1] == '--quick'
    top, bin_, work, load = sys.argv[1 + quick:5 + quick]
    servers = [Server(text) for text in sys.argv[5 + quick:]]
    rounds, requests, times = (3, 2000, 5) if quick else (33, 10000, 100)
    print(machine(), flush=True)

    end = time.monotonic() + 75  # a slow machine has fewer rounds
    done = 0
    while done < rounds and time.monotonic() < end:
        progress(f'round {done + 1} of {rounds}, {requests} requests to each server …')
        for server in servers if done % 2 else servers[::-1]:
            server.round(load, requests)
        done += 1
    took = start_ups(top, bin_, work, times)
    progress('')

    pairs = {protocol: {server.language: server for server in servers
                        if server.protocol == protocol} for protocol in ('tcp', 'udp')}

    def both(form, more_is_better, value, suffix=''):
        for protocol, pair in pairs.items():
            numbers = [value(pair[language]) for language in ('rust', 'python')]
            rows(protocol.upper() + suffix, *numbers, form, more_is_better)

    print('× says how many times better Rust does.')
    heading('Round trips a second', f', 64 bytes, median of {done} rounds of {requests}')
    both(',.0f', True, lambda server: statistics.median(server.rates))
    heading('Processor time per request', ' in µs, the mean of all rounds')
    for name, kinds in ('user', [0]), ('system', [1]):
        both('.2f', False,
             lambda server, kinds=kinds: server.microseconds(0, done, requests, kinds),
             f' {name}')
    heading('Peak memory', ' of the servers in KiB, after that')
    both(',d', False, Server.peak_memory)
    heading('Start-up', f' in ms, until a client is refused and has ended, '
            f'median of {times}')
    rows('TCP', statistics.median(took['rust']), statistics.median(took['python']), '.2f')

    heading('Size on disk', ' in KiB')
    for protocol in pairs:
        for kind in 'server', 'client':
            size = os.path.getsize(f'{bin_}/{protocol}-{kind}') / 1024
            print(f'{protocol}-{kind} {size:.0f}', end=', ')
            check(0 < size <= MOST_ON_DISK[kind],
                  f'{protocol}-{kind} has {size:.0f} KiB, more than {MOST_ON_DISK[kind]}')
    with open('/proc/self/maps') as maps:
        mapped = {line.split(maxsplit=5)[5].strip() for line in maps if 'python' in line}
    interpreter = sum(os.path.getsize(file) for file in mapped) / 1024
    print(f'Python {interpreter:,.0f} and its library')

    for server in servers:
        name = f'the {server.protocol}-server in {server.language}'
        check(min(server.rates) > 0, f'{name}: a round took no time')
        check(server.microseconds(0, done, requests) > 0, f'{name}: no processor time')
        check(server.peak_memory() > 0, f'{name}: no memory')
        check(server.language != 'rust' or server.peak_memory() <= MOST_MEMORY,
              f'{name}: {server.peak_memory()} KiB, more than {MOST_MEMORY:.0f}')
    for problem in sorted(set(problems)):
        print(f'bench.sh: {problem}', file=sys.stderr)
    return 1 if problems else 0


signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
try:
    sys.exit(main())
except (OSError, subprocess.SubprocessError) as error:
    progress('')
    sys.exit(f'bench.sh: {error}')
