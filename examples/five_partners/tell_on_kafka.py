"""Tells the story of the five partners through a real Apache Kafka, from two nodes at once.

    python -m examples.five_partners.tell_on_kafka [--servers HOST:PORT]

Commands go to node A and node B in turn: what one of them hears, the other answers for. Without
``--servers`` a Kafka is started from its Maven artifacts, and stopped at the end. Nothing is left:
the nodes lie in a folder for temporary files. Ends with 1 when something is not as it should be.
"""

from __future__ import annotations

import json
import secrets
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory

from examples.five_partners.tell import BIRTH, Teller, tell
from scripts.kafka.broker import Broker, BrokerUnavailableError


class TwoNodes(Teller):
    """Runs the command line on node A, then on node B, then on A ..., each in its own folder."""

    def __init__(self, folder: Path, place: str) -> None:
        super().__init__(folder)
        self.place = place
        self.nodes = {name: folder / f"node-{name.lower()}" for name in ("A", "B")}
        self._turns = cycle(self.nodes)
        self.turn()

    def turn(self) -> None:
        """Go to the other node."""
        self._now = next(self._turns)
        self.prompt = f"{self._now}$"

    def environment(self) -> dict[str, str]:
        """One ledger for both; each has a folder of its own for its copy."""
        node = str(self.nodes[self._now])
        return super().environment() | {
            "ATTRIBUTION_LEDGER": self.place,
            "ATTRIBUTION_NODE": node,
        }

    def run(self, *words: str, expect: int = 0) -> None:
        """One command; then it is the other node's turn."""
        super().run(*words, expect=expect)
        self.turn()

    def verify(self) -> None:
        """Check both nodes at the same time: each is whole, and both end at the same hash."""
        command = [sys.executable, "-m", "interfaces.cli.main", "verify", "--json"]
        checks = {}
        for name in self.nodes:
            print(f"{self.prompt} attribution verify &", flush=True)
            checks[name] = subprocess.Popen(
                command, env=self.environment(), stdout=subprocess.PIPE, text=True
            )
            self.turn()
        heads = set()
        for name, check in checks.items():
            told, _ = check.communicate()
            parts = {row["part"]: row for row in map(json.loads, told.splitlines())}
            for part in parts.values():
                counts = [f"{v:,} {k}" for k, v in part.items() if isinstance(v, int)]
                line = f"{part['part']}: {part['result']}, {', '.join(counts)}"
                print(f"{name}: {line}".replace("_", " "))
            if check.returncode or len(parts) < 3:
                sys.exit(f"Node {name} is damaged.")
            print(f"{name}: verify: ok")
            heads.add(parts["chain"]["head_hash"])
        if len(heads) != 1:
            sys.exit(f"The nodes end at different hashes: {', '.join(heads)}.")
        print(f"Both nodes end at the same head hash, {heads.pop()}.")


@contextmanager
def kafka(folder: str, servers: str | None) -> Iterator[str]:
    """The servers of a cluster: those named, or a broker that lives as long as the block."""
    if servers:
        yield servers
        return
    print("Starting Apache Kafka from its Maven artifacts ...", flush=True)
    try:
        broker = Broker(Path(folder) / "kafka")
        with broker:
            yield broker.servers
    except BrokerUnavailableError as error:
        sys.exit(f"There is no Kafka here: {error}. Name one with --servers HOST:PORT.")


def main(servers: str | None) -> None:
    """Tell it from the first topic to the same hash on both nodes."""
    began = time.monotonic()
    with (
        TemporaryDirectory(prefix="attribution-demo-") as beside,
        kafka(beside, servers) as at,
    ):
        place = f"kafka://{at}/demo-{secrets.token_hex(4)}"
        teller = TwoNodes(Path(beside), place)
        teller.chapter("A new ledger on Kafka, and two nodes; its clock is told, as in `make demo`")
        teller.run("topics", "create", place)
        teller.turn()
        teller.run("init", place, *BIRTH)
        teller.run("node", "join", place, "--keys", str(teller.nodes["A"] / "keys.db"))
        tell(teller)
        teller.chapter("Is it whole, on both nodes, and the same?")
        teller.verify()
    print(f"\nThe story took {time.monotonic() - began:.1f} s; nothing of it is left running.")


if __name__ == "__main__":
    words = ArgumentParser(
        description="Tells the story of the five partners through Apache Kafka, from two nodes."
    )
    words.add_argument("--servers", help="brokers that run already, HOST:PORT")
    # A broker that was started is stopped on every way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main(words.parse_args().servers)
