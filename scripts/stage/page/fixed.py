"""The same recording with a fixed time and fixed ports, so that each run makes the same page."""

import re
from collections import defaultdict
from itertools import count

from stage import mask
from stage.project import PROGRAMS

TIME = '[Sun Nov  1 09:05:03 2026] '
FIRST_PORT = 50001
PORTS = 'port', 'ports', 'peer_port'
IN_ADDRESS = r"(?<=127\.0\.0\.1', )\d+"  # a port, as Python shows it


def fixed(recording):
    """Numbers the clients' ports in the order in which they are first seen; a server's port stays."""
    ports = defaultdict(count(FIRST_PORT).__next__)
    versions = sum(PROGRAMS.values(), ())
    for server in [*recording.steps, *versions]:
        ports[server.port] = server.port
    return fix(recording, ports)


def fix(value, ports, name=''):
    """A value, which may have others in it; the name is that of its field."""
    if hasattr(value, '__dict__'):
        return type(value)(**fix(vars(value), ports))
    if isinstance(value, dict):
        return {key: fix(one, ports, key) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(fix(one, ports, name) for one in value)
    if isinstance(value, bytes):
        text = value.decode('utf-8', 'surrogateescape')
        return fix(text, ports).encode('utf-8', 'surrogateescape')
    if isinstance(value, str):
        text = mask.times(value, recent=False, instead=TIME)
        return re.sub(IN_ADDRESS, lambda port: str(ports[int(port[0])]), text)
    return ports[value] if value and name in PORTS else value
