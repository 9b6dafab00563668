"""What-if on a node of a log on a real Apache Kafka: read from the topic, nothing written to it."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from interfaces.supposing import Asked, answer
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.place import Place
from ledger.commands import catalogue
from ledger.supposing.supposition import without
from tests.integration.test_usage_on_nodes import CONTOSO, load, report

FIRST_OF_MARCH = "2023-03"
COMMANDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("organisation.register", {"organisation": "100", "name": "Alfa", "country": "CZ"}),
    (
        "location.register",
        {"location": "101", "organisation": "100", "name": "Alfa Praha", "country": "CZ"},
    ),
    (
        "customer.register",
        {"tenant": CONTOSO, "name": "Contoso", "country": "CZ", "domains": ["contoso.example"]},
    ),
    (
        "agreement.sign",
        {
            "agreement": "EA-1",
            "kind": "EA",
            "tenant": CONTOSO,
            "partners": [{"location": "101", "role": "reseller"}],
        },
    ),
    (
        "subscription.start",
        {
            "subscription": "S-1",
            "tenant": CONTOSO,
            "product": "m365",
            "offer": "E3",
            "channel": "ea",
        },
    ),
    ("agreement.end", {"agreement": "EA-1"}),
)


class _Nobody:
    def reach(self, done: int) -> None:
        """Nobody watches."""


def test_a_node_supposes_what_another_node_recorded(tmp_path: Path, place: Place) -> None:
    """Without the agreement no TPOR is held and its end is refused; the log is as it was."""
    from interfaces.moments import month

    agreement = 0
    with Ledger.create(tmp_path / "a", log=place.url) as one:
        for n, (name, data) in enumerate(COMMANDS):
            command = catalogue.load(name).model_validate(data)
            signed = one.submit(command, actor="operator", command_id=f"c-{n}")
            if name == "agreement.sign":
                agreement = signed.position
    with Workspace(tmp_path / "a") as node:
        load(node, report(tmp_path, "march", teams_2023_03=100))
    Ledger.join(tmp_path / "b", place.url, tmp_path / "a" / "keys.db").close()

    def opened() -> Workspace:
        return Workspace(tmp_path / "b")

    with opened() as node:
        head = node.ledger.head
    asked = Asked(month(FIRST_OF_MARCH, "--month"))
    told = answer(
        opened,
        lambda real: without(real.reader, agreement),
        asked,
        lambda _what, _total: nullcontext(_Nobody()),
    )
    assert {(row["change"], row["kind"], row["position"]) for row in told.holdings} == {
        ("lost", "TPOR", agreement)
    }
    refused = {row["type"]: row["code"] for row in told.events if row["became"] == "refused"}
    assert refused == {"agreement.ended.v1": "unknown_reference"}
    assert [row["type"] for row in told.carried] == ["usage.report.loaded.v1"]
    with opened() as node:
        assert node.ledger.catch_up() == head
