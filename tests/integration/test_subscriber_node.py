"""A client in another language builds the same holders from `PREFIX.events`."""

from __future__ import annotations

import json
import shutil
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from consumers.relay import Relay
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.partition import Inlet, Outlet
from ledger.cluster.place import Place
from ledger.commands import catalogue
from projections.holder_queries import holders
from tests import brokers
from tests.waiting import PATIENCE_SECONDS

CLIENT = Path(__file__).parents[2] / "examples" / "subscriber_node"
TENANT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture
def client(tmp_path: Path) -> Path:
    """The client with its packages, or the reason why it can't run here."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip(f"{brokers.NOT_RUN} with the Node client: install Node 18 or newer")
    there = tmp_path / "client"
    shutil.copytree(CLIENT, there, ignore=shutil.ignore_patterns("node_modules"))
    words = ["npm", "ci", "--no-audit", "--no-fund"]
    made = subprocess.run(words, cwd=there, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"{brokers.NOT_RUN} with the Node client: npm ci failed")
    return there


def story(ledger: Ledger) -> None:
    """DPOR is named at purchase, changed, removed and ended."""
    told: list[tuple[str, dict[str, Any]]] = [
        ("organisation.register", {"organisation": "100", "name": "Alfa", "country": "CZ"})
    ]
    for location in ("101", "102"):
        place = {"location": location, "organisation": "100", "name": "Alfa", "country": "CZ"}
        told.append(("location.register", place))
    customer = {"tenant": TENANT, "name": "Contoso", "country": "CZ"}
    told.append(("customer.register", customer | {"domains": ["contoso.example"]}))
    told.append(("role.grant", {"grantee": "d.dana", "role": "customer_admin", "tenant": TENANT}))
    for number in range(1, 5):
        bought = {"subscription": f"s-{number}", "tenant": TENANT, "product": "m365"}
        bought |= {"offer": "Microsoft 365 E3", "channel": "web_direct"}
        told.append(("subscription.start", bought))
        told.append(("dpor.set", {"subscription": f"s-{number}", "location": "101"}))
    told.append(("dpor.set", {"subscription": "s-2", "location": "102"}))
    told.append(("dpor.remove", {"subscription": "s-3"}))
    told.append(("subscription.end", {"subscription": "s-4", "reason": "expired"}))
    for number, (name, data) in enumerate(told):
        wish = catalogue.load(name).model_validate(data)
        actor = "d.dana" if name.startswith("dpor") else "operator"
        ledger.submit(wish, actor=actor, command_id=f"c-{number}")


def ask(client: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The client as a user runs it."""
    return subprocess.run(
        ["node", "subscriber.js", *words],
        cwd=client,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def relay_all(ledger: Ledger, place: Place) -> None:
    """Hand on everything that the ledger holds."""
    with (
        closing(ledger.reader()) as reader,
        closing(Inlet(place, place.events)) as inlet,
        closing(Outlet(place, place.events)) as outlet,
    ):
        relay = Relay(reader, ledger.folder.ledger, inlet, outlet)
        while relay.mark.position < ledger.head.position:
            relay.step(0.1)


def test_a_client_in_another_language_builds_the_same_holders(
    tmp_path: Path, place: Place, client: Path
) -> None:
    """Node with kafkajs, from the topic alone, against our view; it goes on where it stopped."""
    with Ledger.create(tmp_path / "node", log=place.url) as ledger:
        story(ledger)
        relay_all(ledger, place)
        words = (place.servers, place.events, "--once", "--state", "state.json")
        told = json.loads(ask(client, *words).stdout.splitlines()[-1])
        assert (told["position"], told["commit"]) == (
            ledger.head.position,
            ledger.head.hash.hex(),
        )
        assert told["holders"] == {"s-1": "101", "s-2": "102"}
        wish = catalogue.load("dpor.set").model_validate({"subscription": "s-3", "location": "102"})
        ledger.submit(wish, actor="d.dana", command_id="later")
        relay_all(ledger, place)
        head = ledger.head
    told = json.loads(ask(client, *words).stdout.splitlines()[-1])
    assert json.loads((client / "state.json").read_text()) == told
    assert (told["position"], told["commit"]) == (head.position, head.hash.hex())
    with Workspace(tmp_path / "node") as workspace:
        now = workspace.now_us()
        rows = holders(workspace.views, effective_us=now, known=head.position, kind="DPOR")
    assert told["holders"] == {row["subscription"]: row["partner"] for row in rows}
    assert told["holders"] == {"s-1": "101", "s-2": "102", "s-3": "102"}
    (client / "state.json").write_text(json.dumps({**told, "commit": "0" * 64, "position": 3}))
    restored = ask(client, *words)
    assert (restored.returncode, restored.stdout) == (1, "")
    assert restored.stderr == "the log was restored: position 4 does not follow\n"


def test_a_client_that_is_asked_wrongly_says_so_in_one_line(client: Path, place: Place) -> None:
    """No argument, no topic: exit 1, and what to do."""
    for words in ((), (place.servers, f"{place.prefix}.nothing", "--once"), ("a", "b", "--bad")):
        ended = ask(client, *words)
        assert (ended.returncode, ended.stdout) == (1, "")
        assert len(ended.stderr.splitlines()) == 1
