"""Folds a topic of usage with Quix Streams: the growth of each key by workload and month.

Run by ``bench.sink`` in the peers' own environment: ``SERVERS TOPIC INCREMENTS FOLDER``.
Prints one JSON object: seconds from the first record to the last state written, processor seconds.
"""

from __future__ import annotations

import json
import sys
import time
import uuid
from typing import Any

import orjson
from quixstreams import Application, State


def main(servers: str, topic: str, increments: int, folder: str) -> dict[str, float]:
    """Fold so many increments from the topic's beginning; it counts what comes out at the end."""
    app = Application(
        broker_address=servers,
        consumer_group=f"quix-{uuid.uuid4().hex[:8]}",
        auto_offset_reset="earliest",
        state_dir=folder,
        loglevel="ERROR",
    )
    began: list[tuple[float, float]] = []

    def is_increment(value: bytes) -> bool:
        if not began:
            began.append((time.perf_counter(), time.process_time()))
        return value.startswith(b"{")

    def add(value: dict[str, Any], state: State) -> None:
        place = f"{value.get('workload', '')} {value['date']}"
        state.set(place, state.get(place, 0) + value["delta_micro"])

    rows = app.dataframe(app.topic(topic, value_deserializer="bytes"))
    rows.filter(is_increment).apply(orjson.loads).update(add, stateful=True)
    app.run(count=increments, collect=False)
    return {
        "seconds": time.perf_counter() - began[0][0],
        "cpu_seconds": time.process_time() - began[0][1],
    }


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])))
