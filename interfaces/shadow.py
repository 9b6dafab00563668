"""A ledger in a folder that can't be written, read all the same: from a copy that lives as long.

SQLite wants to write beside what it reads. So an auditor's read-only copy is copied once more, into
the folder for temporary files, and everything is asked of that; nothing can be written to it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.errors import StorageError
from ledger.folder import read_folder

_LEFT_OUT = shutil.ignore_patterns("analytics", "*.building", "*.lock")


def writable(path: Path) -> bool:
    """Whether a ledger in ``path`` can be opened where it lies."""
    files = [path, *(each for each in path.glob("*.db") if each.is_file())]
    return all(os.access(each, os.W_OK) for each in files)


@contextmanager
def readable(path: Path) -> Iterator[tuple[Path, bool]]:
    """Where to open the ledger of ``path``, and whether that is a copy which is only read.

    Raises ``StorageError`` where there is no room for a copy.
    """
    if not path.is_dir() or writable(path):
        yield path, False
        return
    read_folder(path.resolve())
    with TemporaryDirectory(prefix="attribution-") as beside:
        copy = Path(beside) / "ledger"
        try:
            shutil.copytree(path, copy, ignore=_LEFT_OUT)
        except (OSError, shutil.Error) as error:
            raise StorageError(
                f"{path} can't be written, and could not be copied to {beside}: {error}.",
                hint="Name a folder with room for it in the variable TMPDIR, then repeat.",
                code="no_room_for_copy",
            ) from error
        for each in [copy, *copy.iterdir()]:
            each.chmod(0o700 if each.is_dir() else 0o600)
        yield copy, True
