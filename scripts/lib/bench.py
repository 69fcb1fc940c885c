"""Measures the Rust programs and their Python halves in turns: see bench.sh.

    bench.py FOLDER [--quick]       FOLDER has the load generator
"""
import atexit
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pair

QUICK = '--quick' in sys.argv
ROUNDS, REQUESTS, STARTS = (3, 2000, 5) if QUICK else (31, 10000, 100)
SECONDS = 75    # after these there is no new round: a slow machine has fewer
MOST = {'server': 420, 'client': 320, 'memory': 2.2 * 1024}  # KiB, of Rust's
# A Python server writes its screen line by line, as on a terminal.
BY_LINE = ('import sys; sys.stdout.reconfigure(line_buffering=True); del sys.argv[0]; '
           'exec(open(sys.argv[0]).read())')


class Server(pair.Program):
    def __init__(self, protocol, language, folder):
        self.protocol, self.port, self.rates = protocol, pair.free_port(), []
        words = pair.command(language, f'{protocol}-server', self.port)
        if language == 'python':
            words[1:2] = ['-c', BY_LINE]
        super().__init__('server', words, folder)
        atexit.register(self.end)
        end = time.monotonic() + pair.DEADLINE
        while not self.screen():
            if self.process.poll() is not None or time.monotonic() > end:
                sys.exit(f'the {language} {protocol} server does not start: {self.messages()}')
            time.sleep(0.01)

    def round(self, load):
        took = subprocess.run([load, self.protocol, str(self.port), str(REQUESTS)],
                              stdout=subprocess.PIPE, timeout=60, check=True).stdout
        self.rates.append(REQUESTS / int(took) * 1e9)

    def microseconds(self):
        """Time in the program itself, for each request."""
        ticks = Path(f'/proc/{self.process.pid}/stat').read_text().rpartition(')')[2].split()[11]
        return max(int(ticks), 1) / os.sysconf('SC_CLK_TCK') * 1e6 / REQUESTS / len(self.rates)

    def peak_memory(self):
        status = Path(f'/proc/{self.process.pid}/status').read_text()
        return int(status.partition('VmHWM:')[2].split()[0])


def start_up():
    """The milliseconds until each client has ended because it is refused."""
    took = {'rust': [], 'python': []}
    with socket.socket() as refusing:  # bound, not listening
        refusing.bind(('127.0.0.1', 0))
        for _ in range(STARTS):
            for language, times in took.items():
                words = pair.command(language, 'tcp-client', refusing.getsockname()[1])
                start = time.perf_counter()
                ended = subprocess.run([str(word) for word in words], check=False,
                                       stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
                times.append((time.perf_counter() - start) * 1e3)
                if ended.returncode != (111 if language == 'rust' else 1):
                    sys.exit(f'not refused: {ended.stderr}')
    return [statistics.median(times) for times in took.values()]


def row(what, rust, python, form, more_is_better=False):
    """Rust's figure, Python's, and how many times better Rust does."""
    ratio = rust / python if more_is_better else python / rust
    print(f'{what:44}{rust:>10{form}}{python:>12{form}}{ratio:>8.1f}', flush=True)


def main():
    folder, top = Path(sys.argv[1]), os.environ['bin']
    pairs = {protocol: [Server(protocol, language, folder) for language in ('rust', 'python')]
             for protocol in ('tcp', 'udp')}
    cpu = [line for line in Path('/proc/cpuinfo').read_text().splitlines() if 'model name' in line]
    print(f'{"".join(cpu[:1])[13:] or platform.machine()}, {os.cpu_count()} processors, '
          f'load {os.getloadavg()[0]:.1f}; Linux {platform.release()},\n'
          f'Python {platform.python_version()}\n')
    end = time.monotonic() + SECONDS
    for number in range(ROUNDS):
        for both in pairs.values():
            for server in both if number % 2 else both[::-1]:
                server.round(folder / 'load')
        if time.monotonic() > end:
            break
    print(f'{"":44}{"Rust":>10}{"Python":>12}{"times":>8}')
    for protocol, both in pairs.items():
        name = protocol.upper()
        row(f'{name}: round trips a second, 64 bytes, median',
            *(statistics.median(one.rates) for one in both), ',.0f', more_is_better=True)
        row(f'{name}: µs a request in the program itself',
            *(one.microseconds() for one in both), '.2f')
        row(f'{name}: peak memory of the server, KiB', *(one.peak_memory() for one in both), ',d')
    row('ms until a TCP client is refused, median', *start_up(), '.2f')
    large = [one.peak_memory() for one, _ in pairs.values() if one.peak_memory() > MOST['memory']]
    for program in 'tcp-server', 'tcp-client', 'udp-server', 'udp-client':
        size = os.path.getsize(f'{top}/{program}') / 1024
        large += [program] * (size > MOST[program[4:]])
        print(f'{f"{program}: on disk, KiB":44}{size:>10.0f}')
    if large:
        sys.exit(f'bench.sh: too large: {large}')


pair.lead()
main()
