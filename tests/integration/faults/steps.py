"""Places in the write path at which a node's process is killed, slowed down or told the wrong time.

The code that runs is the ledger's own; each place only gets something to happen before or after it.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

from ledger.log import database
from ledger.log.index import Index
from ledger.log.journal.kafka import KafkaJournal
from ledger.log.journal.kafka_topic import KafkaTopic
from ledger.log.journal.sqlite import SqliteJournal
from ledger.log.writer import Writer
from ledger.privacy.keys import KeyStore


class Step(NamedTuple):
    """Before or after a function of the write path."""

    when: Literal["before", "after"]
    owner: type
    function: str


STEPS = {
    "the journal begins": Step("before", KafkaJournal, "_begin"),
    "the journal began": Step("after", KafkaJournal, "_begin"),
    "asking where the log ends": Step("after", KafkaTopic, "end"),
    "applying what others wrote": Step("before", KafkaJournal, "_apply_page"),
    "others' records lie in the replica": Step("after", KafkaJournal, "_apply_page"),
    "deciding": Step("before", Writer, "_keep"),
    "keys are durable": Step("after", KeyStore, "save"),
    "sending": Step("before", KafkaTopic, "send"),
    "sent": Step("after", KafkaTopic, "send"),
    "reading back": Step("before", KafkaJournal, "_read_back"),
    "read back": Step("after", KafkaJournal, "_read_back"),
    "keeping in the replica": Step("before", SqliteJournal, "keep"),
    "kept in the replica": Step("after", SqliteJournal, "keep"),
    "indexed": Step("after", Index, "apply"),
    "committing": Step("before", database._Transaction, "__exit__"),  # noqa: SLF001  a step like others
    "committed": Step("after", database._Transaction, "__exit__"),  # noqa: SLF001  as above
}


def prepare(
    dies: tuple[str, int] | None, slow_ms: int, off_seconds: float, *, when_told: bool
) -> None:
    """Make this process a killed, slow or wrongly dated one: at once, or told so by SIGUSR2."""
    if dies is not None:
        name, passes = dies
        left = iter(range(passes))

        def die_at_last() -> None:
            if next(left, None) is None:
                os.kill(os.getpid(), signal.SIGKILL)

        _wrap(STEPS[name], die_at_last)
    if slow_ms:
        for function in ("end", "read", "send"):
            _wrap(Step("before", KafkaTopic, function), lambda: time.sleep(slow_ms / 1000))
    if off_seconds:
        if when_told:
            signal.signal(signal.SIGUSR2, lambda *_: _shift_now(off_seconds))
        else:
            _shift_now(off_seconds)


def _wrap(step: Step, happens: Callable[[], Any]) -> None:
    original = getattr(step.owner, step.function)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        if step.when == "before":
            happens()
        found = original(*arguments, **named)
        if step.when == "after":
            happens()
        return found

    setattr(step.owner, step.function, wrapped)


def _shift_now(off_seconds: float) -> None:
    """This machine's clock is off from now on, for everybody in the process."""
    seconds, nanoseconds, off_ns = time.time, time.time_ns, int(off_seconds * 1e9)
    time.time = lambda: seconds() + off_seconds
    time.time_ns = lambda: nanoseconds() + off_ns
