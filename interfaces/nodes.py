"""Which folder on this machine is the node of a ledger on many machines."""

from __future__ import annotations

import os
from pathlib import Path

from ledger.cluster.place import place
from ledger.errors import BadInputError
from ledger.folder import read_folder

VARIABLE = "ATTRIBUTION_NODE"


def node_folder(address: str | Path) -> Path:
    """The folder of this machine's node of the log at ``address``.

    ``$ATTRIBUTION_NODE`` names it; else it lies where programs keep their state, one for each
    address. Raises ``BadInputError`` when the folder is a node of another log.
    """
    where = place(address)
    named = os.environ.get(VARIABLE)
    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    folder = Path(named) if named else state / "attribution" / where.folder_name()
    if (folder / "ledger.toml").is_file():
        log = read_folder(folder).log
        if log != where.url:
            raise BadInputError(
                f"{folder} is a node of {log or 'no log but its own'}, not of {where.url}.",
                hint=f"Name another folder with ${VARIABLE}, or this one with --ledger.",
                code="other_node",
            )
    return folder
