"""The page of side-by-side.sh, which needs Pygments:

    python3 scripts/lib/page RECORDS PAGE

RECORDS is a folder. Of each pair it has PROTOCOL-port, -typed, -client.out,
-server.out and -server.err, and as PROTOCOL-steps.json what steps.sh --json prints.
"""
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))   # for join
from join import Untrue     # noqa: E402
from page import page       # noqa: E402

try:
    page(*sys.argv[1:])
except Untrue as wrong:
    sys.exit(f'side-by-side.sh: {wrong}')
except KeyboardInterrupt:
    sys.exit(130)
