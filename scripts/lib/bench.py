"""What bench.sh does: gives the servers in Rust and in Python the same load in turns."""
import os
import platform
import socket
import sys
import tempfile
from pathlib import Path

from mask import times
from programs import Program, command, free_port, run

ROUNDS, REQUESTS = (2, 2000) if '--quick' in sys.argv else (20, 10000)
# KiB, of Rust's, as measured with Rust 1.95 on x86-64. A tenth more is allowed, for edits and other
# compilers; without `lto` or `strip` in Cargo.toml the programs are larger than that.
MEASURED = {'memory': 2060, 'server': 420, 'client': 316}
MOST = {what: size * 1.1 for what, size in MEASURED.items()}
PROTOCOLS = {'tcp': socket.SOCK_STREAM, 'udp': socket.SOCK_DGRAM}
# A Python server writes its output line by line, as on a terminal.
BY_LINE = ('import runpy, sys; sys.stdout.reconfigure(line_buffering=True); del sys.argv[0]; '
           'runpy.run_path(sys.argv[0], run_name="__main__")')


def start(protocol, language, folder):
    """A server, and its port."""
    port = free_port()
    argv = command(language, f'{protocol}-server', port)
    if language == 'python':
        argv[1:2] = ['-c', BY_LINE]
    server = Program('server', argv, folder, env={**os.environ, 'PYTHONUNBUFFERED': ''})
    while not server.output() and not server.ended():
        pass
    return server, port


def load(protocol, port):
    """Sends messages of 64 bytes, each after the reply to the one before."""
    with socket.socket(type=PROTOCOLS[protocol]) as client:
        client.settimeout(10)
        client.connect(('127.0.0.1', port))
        for number in range(REQUESTS):
            message = f'{number:064}'
            client.send(message.encode())
            reply = client.recv(1024).decode()
            if number % 1000 == 0 and times(reply) != f'[TIME] {message}':
                raise OSError(f"expected '[the time of now] {message}', got '{reply}'")


def figures(server):
    """Microseconds in the program itself, without the kernel, for each request; and KiB of memory
    at most."""
    proc = Path(f'/proc/{server.process.pid}')
    ticks = int((proc / 'stat').read_text().rpartition(')')[2].split()[11])
    memory = (proc / 'status').read_text().partition('VmHWM:')[2].split()[0]
    return max(ticks, 1) / os.sysconf('SC_CLK_TCK') * 1e6 / REQUESTS / ROUNDS, int(memory)


def measure(protocol, folder):
    """Prints the rows of a protocol; returns how much memory Rust's server takes."""
    both = [start(protocol, language, folder) for language in ('rust', 'python')]
    try:
        for number in range(2 * ROUNDS):
            load(protocol, both[number % 2][1])
        (rust, memory), (python, other) = (figures(server) for server, _ in both)
        name = f'{protocol}-server: '
        print(f'{name + "µs a request":28}{rust:14.2f}{python:12.2f}{python / rust:8.1f}\n'
              f'{name + "KiB of memory":28}{memory:14,d}{other:12,d}{other / memory:8.1f}')
        return memory
    finally:
        for server, _ in both:
            server.close()


def main(*_):
    print(f'{platform.machine()}, {os.cpu_count()} processors, Linux {platform.release()}, '
          f'Python {platform.python_version()}\n\n{"":28}{"Rust":>14}{"Python":>12}{"times":>8}')
    with tempfile.TemporaryDirectory() as folder:
        found = [('memory', measure(protocol, folder)) for protocol in PROTOCOLS]
    for program in 'tcp-server', 'tcp-client', 'udp-server', 'udp-client':
        size = Path(os.environ['BIN'], program).stat().st_size / 1024
        found.append((program[4:], size))
        print(f'{program + ": KiB on disk":28}{size:14.0f}')
    large = [f'{what} {size:.0f} KiB' for what, size in found if size > MOST[what]]
    if large:
        print(f'bench.sh: too large: {", ".join(large)}', file=sys.stderr)
    return int(bool(large))


if __name__ == '__main__':
    run(main)
