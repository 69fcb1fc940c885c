"""The same recording with a fixed time and fixed ports, so that each run makes the same page."""

from __future__ import annotations

import re
from typing import Any

from stage import mask
from stage.model import Recording
from stage.project import PROGRAMS

TIME = '[Sun Nov  1 09:05:03 2026] '
FIRST_PORT = 50001
PORTS = 'port', 'ports', 'peer_port'
IN_ADDRESS = r"(?<=127\.0\.0\.1', )\d+"  # a port, as Python shows it


class Fixed:
    """Numbers the clients' ports in the order in which they are first seen."""

    def __init__(self, recording: Recording):
        self.clients: dict[int, int] = {}
        self.servers = {step.port for step in recording.steps}
        for versions in PROGRAMS.values():
            for version in versions:
                self.servers.add(version.port)
        self.recording = self.fix(recording)

    def port(self, number: int) -> int:
        """A server's port stays; a client's becomes a fixed one."""
        if number in self.servers:
            return number
        next_port = FIRST_PORT + len(self.clients)
        return self.clients.setdefault(number, next_port)

    def text(self, text: str) -> str:
        """With the fixed time, and fixed ports in addresses."""
        text = mask.times(text, recent=False, instead=TIME)

        def shown(found: re.Match) -> str:
            return str(self.port(int(found[0])))

        return re.sub(IN_ADDRESS, shown, text)

    def fix(self, value: Any, name: str = '') -> Any:
        """A value, which may have others in it; the name is that of its field."""
        if hasattr(value, '__dict__'):
            return type(value)(**self.fix(vars(value)))
        if isinstance(value, dict):
            return {key: self.fix(one, key) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return type(value)(self.fix(one, name) for one in value)
        if isinstance(value, bytes):
            text = self.text(value.decode('utf-8', 'surrogateescape'))
            return text.encode('utf-8', 'surrogateescape')
        if isinstance(value, str):
            return self.text(value)
        return self.port(value) if value and name in PORTS else value
