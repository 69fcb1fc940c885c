"""What bench.sh does: gives the servers in Rust and in Python the same load in turns."""

import os
import platform
import socket
import tempfile
from pathlib import Path

from stage.mask import times
from stage.model import Problem
from stage.processes import Program, free_port
from stage.project import HOST, PROGRAMS, PROTOCOLS

# KiB, of Rust's, as measured with Rust 1.95 on x86-64. A tenth more is allowed, for edits and other
# compilers; without `lto` or `strip` in Cargo.toml the programs are larger than that.
MEASURED = {'memory': 2060, 'server': 420, 'client': 316}
MOST = {what: size * 1.1 for what, size in MEASURED.items()}
# A Python server writes its output line by line, as on a terminal.
BY_LINE = (
    'import runpy, sys; sys.stdout.reconfigure(line_buffering=True); del sys.argv[0]; '
    'runpy.run_path(sys.argv[0], run_name="__main__")'
)


def start(version, folder):
    """A server, and its port."""
    port = free_port()
    argv = version.command(HOST, port)
    if version.language == 'Python':
        argv[1:2] = ['-c', BY_LINE]
    server = Program('server', argv, folder, env={**os.environ, 'PYTHONUNBUFFERED': ''})
    while not server.output() and not server.ended():
        pass
    return server, port


def load(protocol, port, requests):
    """Sends messages of 64 bytes, each after the reply to the one before."""
    with socket.socket(type=PROTOCOLS[protocol]) as client:
        client.settimeout(10)
        client.connect((HOST, port))
        for number in range(requests):
            message = f'{number:064}'
            client.send(message.encode())
            reply = client.recv(1024).decode()
            if number % 1000 == 0 and times(reply) != f'[TIME] {message}':
                raise Problem('wrong reply', message=message, reply=reply)


def figures(server, requests):
    """Microseconds in the program itself, without the kernel, for each request; and KiB of memory
    at most."""
    proc = Path(f'/proc/{server.process.pid}')
    ticks = int((proc / 'stat').read_text().rpartition(')')[2].split()[11])
    memory = (proc / 'status').read_text().partition('VmHWM:')[2].split()[0]
    return max(ticks, 1) / os.sysconf('SC_CLK_TCK') * 1e6 / requests, int(memory)


def measure(protocol, folder, rounds, requests):
    """Prints the rows of a protocol; returns how much memory Rust's server takes."""
    name = f'{protocol}-server'
    both = [start(version, folder) for version in PROGRAMS[name]]
    try:
        for _, port in both * rounds:
            load(protocol, port, requests)
        python, rust = [figures(server, requests * rounds) for server, _ in both]
    finally:
        for server, _ in both:
            server.close()
    rows = ('µs a request', '.2f'), ('KiB of memory', ',d')
    for (what, form), one, other in zip(rows, rust, python):
        what = f'{name}: {what}'
        print(f'{what:28}{one:14{form}}{other:12{form}}{other / one:8.1f}')
    return rust[1]


def main(option=''):
    size = (2, 2000) if option else (20, 10000)  # rounds, requests
    system = f'{os.cpu_count()} processors, Linux {platform.release()}'
    print(f'{platform.machine()}, {system}, Python {platform.python_version()}\n')
    print(f'{"":28}{"Rust":>14}{"Python":>12}{"times":>8}')
    with tempfile.TemporaryDirectory() as folder:
        found = [('memory', measure(protocol, folder, *size)) for protocol in PROTOCOLS]
    for program, (_, rust) in PROGRAMS.items():
        kib = Path(rust.command()[0]).stat().st_size / 1024
        found.append((program.split('-')[1], kib))
        print(f'{program + ": KiB on disk":28}{kib:14.0f}')
    large = [f'{what} {kib:.0f} KiB' for what, kib in found if kib > MOST[what]]
    if large:
        raise Problem('too large', parts=', '.join(large))
