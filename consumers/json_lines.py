"""The log of a long-running command: one line of JSON a happening, on stderr.

Names, numbers and codes only: whoever logs hands over no contact and no content of an event. What
libraries say goes the same way from ``WARNING`` on, and a secret that stands in it is blotted out.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TextIO

from ledger.cluster.link import PREFIX, Link

OWN = "attribution"
"""The logger of our own happenings; every other is a library's."""

_BLOT = "***"


class JsonLine(logging.Formatter):
    """Writes a record of the standard library's logging as one JSON object."""

    def __init__(self, service: str, secrets: Collection[str] = ()) -> None:
        super().__init__()
        self._service, self._secrets = service, secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line; ``told`` of the record are its further names and values."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line = {"at": at.replace("+00:00", "Z"), "service": self._service}
        if record.name == OWN:
            line |= {"what": record.getMessage(), **getattr(record, "told", {})}
        else:
            line |= {"what": "library", "logger": record.name, "level": record.levelname.lower()}
            line |= {"message": _one_line(record)}
        return blotted(json.dumps(line), self._secrets)


def blotted(text: str, secrets: Collection[str]) -> str:
    """The text without any of the secrets.

    >>> blotted("login with hunter2 failed", ["hunter2"])
    'login with *** failed'
    """
    for secret in filter(None, secrets):
        text = text.replace(secret, _BLOT).replace(json.dumps(secret)[1:-1], _BLOT)
    return text


def secrets_of(link: Link | None = None) -> set[str]:
    """What no log may show: the secrets of a link and of the environment."""
    fields = [name for name, field in Link.model_fields.items() if "SecretStr" in str(field)]
    found = {os.environ.get(f"{PREFIX}{name.upper()}", "") for name in fields}
    if link is not None:
        values = [getattr(link, name) for name in fields]
        found |= {value.get_secret_value() for value in values if value is not None}
    return found - {""}


@contextmanager
def logging_to(
    line: JsonLine, stream: TextIO, libraries: Callable[[], bool] = lambda: True
) -> Iterator[None]:
    """While the block runs, whatever this process logs is a line of JSON; then it is as before.

    What libraries say is left out while ``libraries`` says so.
    """
    handler = logging.StreamHandler(stream)
    handler.setFormatter(line)
    handler.addFilter(lambda record: record.name == OWN or libraries())
    root, own = logging.getLogger(), logging.getLogger(OWN)
    before = (root.handlers[:], root.level, own.level)
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    own.setLevel(logging.INFO)
    try:
        yield
    finally:
        root.handlers[:] = before[0]
        root.setLevel(before[1])
        own.setLevel(before[2])


def _one_line(record: logging.LogRecord) -> str:
    """What a library says, without its traces: those are for who debugs."""
    told = record.getMessage().splitlines()
    fault = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    return " ".join(filter(None, [told[0] if told else "", fault]))[:500]
