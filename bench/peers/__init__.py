"""Libraries that are measured beside ours, in an environment of their own.

Their pins do not go with ours, so they are no extra of the project: ``requirements.lock`` here
holds them, by hash.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parents[1] / ".venv-peers"


class PeersUnavailableError(Exception):
    """The peers can't be installed here; the text says why."""


def interpreter() -> Path:
    """The Python that has the peers, installed the first time. Raises ``PeersUnavailableError``."""
    uv = Path(sys.executable).with_name("uv")
    python = ENVIRONMENT / "bin" / "python"
    lock = HERE / "requirements.lock"
    install = ["pip", "sync", "--quiet", "--python", str(python), "--require-hashes", str(lock)]
    made = ["venv", "--quiet", "--allow-existing", "--python", sys.executable, str(ENVIRONMENT)]
    for words in (made, install):
        run = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
        if run.returncode:
            raise PeersUnavailableError(run.stderr.strip().splitlines()[-1])
    return python
