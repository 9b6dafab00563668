"""A new folder, whole or not there: made beside its place and put into it in one step.

A process that is killed meanwhile leaves a hidden folder beside, which the next one that makes the
same folder removes; the place itself stays as it was.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from ledger.errors import BadInputError, StorageError

_LOCK = "unfinished.lock"


@contextmanager
def unfinished(path: Path) -> Iterator[Path]:
    """A folder to fill, which is ``path`` when the block ends, and gone when it raises.

    ``path`` may be missing or an empty folder. Raises ``StorageError`` where it can't be made,
    ``BadInputError`` (``folder_not_empty``) where another was quicker.
    """
    place = path.resolve()
    prefix = f".{place.name}.unfinished-"
    with _named_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(place.parent, prefix)
        building = Path(mkdtemp(prefix=prefix, dir=place.parent))
        lock = os.open(building / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with _named_errors(place):
            yield building
            (building / _LOCK).unlink()
            building.chmod(place.stat().st_mode & 0o777 if place.exists() else 0o777 & ~_umask())
            building.rename(place)
            _make_durable(place.parent)
    finally:
        os.close(lock)
        if building.exists():
            rmtree(building, ignore_errors=True)


def not_empty(path: Path) -> BadInputError:
    """What is said where something stands in the place already."""
    return BadInputError(
        f"{path} is not an empty folder.",
        hint="Name a new folder; an existing ledger is opened, never made again.",
        code="folder_not_empty",
    )


def _remove_abandoned(parent: Path, prefix: str) -> None:
    """Remove what killed processes left; not what another one is filling now."""
    for left in parent.glob(f"{prefix}*"):
        with suppress(OSError):
            lock = os.open(left / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                rmtree(left, ignore_errors=True)
            finally:
                os.close(lock)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _make_durable(folder: Path) -> None:
    directory = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


@contextmanager
def _named_errors(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise not_empty(place) from error
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageError(
                f"The disk that holds {place} is full; no ledger was made.",
                hint="Free some space and repeat.",
                code="disk_full",
            ) from error
        raise StorageError(
            f"{place} can't be made: {error.strerror}.",
            hint="Name a new folder in one that may be written; a mount point itself can't be one.",
        ) from error
