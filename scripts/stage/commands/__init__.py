"""What the doors open: each module here is a command."""

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures.process import BrokenProcessPool

from stage.model import Problem
from stage.words import words


def stop(*_):
    """A signal ends this process and those that it has forked, and all that they have started. Another
    one does not stop it at that."""
    for number in signal.SIGINT, signal.SIGTERM:
        signal.signal(number, signal.SIG_IGN)
    for child in multiprocessing.active_children():
        child.terminate()
    raise KeyboardInterrupt


def main():
    """Runs the command that is the first argument, and ends with its exit status."""
    name = sys.argv.pop(1)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        command = importlib.import_module(f'stage.commands.{name.replace("-", "_")}')
        sys.exit(command.main(*sys.argv[1:]))
    except BrokenPipeError:  # nobody reads the output any more (`| head`)
        os._exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    except (Problem, OSError, subprocess.SubprocessError, BrokenProcessPool) as error:
        text = words().problem(error) if isinstance(error, Problem) else error
        print(f'{name}.sh: {text}', file=sys.stderr)
        sys.exit(getattr(error, 'status', 1))
