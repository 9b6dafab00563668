"""Usage on nodes of one log on a real Apache Kafka: loaded here, asked and withdrawn there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from interfaces import rebuilding
from interfaces.usage_reports import Caller
from interfaces.verifying import verify
from interfaces.workspace import Workspace
from ledger.app import Ledger
from ledger.cluster.partition import Message
from ledger.cluster.place import Place
from ledger.errors import AttributionError
from ledger.usage.chain_decisions import decided
from projections.growth.growth import Wanted, growth
from tests.conformance.usage_log import dump
from tests.integration.meddling import make_anew, put, set_to

CONTOSO = "11111111-1111-4111-8111-111111111111"
HEADER = (
    "CustomerTenantId,CustomerName,WorkloadName,MonthlyActiveUsers,PaidAvailableUnits,"
    "ClaimId,MpnId,DateAssociated,PartnerAttributionType,Date"
)
CALLER = Caller("operator")
EXPORTED_US = 1_700_000_000_000_000
PARTS = ("chain", "usage", "views")

OpenNode = Callable[[str], Workspace]


@pytest.fixture
def open_node(tmp_path: Path, place: Place) -> Iterator[OpenNode]:
    """Opens a node by name: made, joined or opened again, as it is needed; the first is ``a``."""
    keys = tmp_path / "a" / "keys.db"
    with ExitStack() as opened:

        def open_it(name: str) -> Workspace:
            path = tmp_path / name
            if not (path / "ledger.toml").exists() and not keys.exists():
                Ledger.create(path, log=place.url).close()
            elif not (path / "ledger.toml").exists():
                Ledger.join(path, place.url, keys).close()
            return opened.enter_context(Workspace(path))

        yield open_it


def report(folder: Path, name: str, **users: int) -> Path:
    """A CPOR usage report: users of workloads in a month, such as ``teams_2023_09=100``."""
    rows = [HEADER]
    for place, count in users.items():
        workload, year, month = place.split("_")
        rows.append(
            f"{CONTOSO},Contoso,{workload},{count},900,C,101,2023-01-01,CPOR,{year}-{month}-01"
        )
    path = folder / f"{name}.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def load(node: Workspace, path: Path, exported_us: int = EXPORTED_US) -> Any:
    """Load a report on a node; how that ended."""
    return node.usage_reports.load(path, "cpor_m365", CALLER, exported_us=exported_us).outcome


def grown(node: Workspace) -> list[tuple[Any, ...]]:
    """Month, workload, opening and growth of the active users, as the analytics of a node say."""
    # One process has one ClickHouse open at a time.
    with Workspace(node.path) as asking:
        wanted = Wanted(metrics=("m365.mau",))
        answer = growth(asking.analytics, by=("month", "workload"), wanted=wanted)
    names = ("month", "workload", "opening_micro", "uncredited_micro")
    return [tuple(str(row[name]) for name in names) for row in answer.rows()]


def test_a_report_loaded_here_is_asked_and_withdrawn_there(
    open_node: OpenNode, tmp_path: Path
) -> None:
    """Growth, conflicts and gaps are the same on both nodes; both are whole."""
    one, two = open_node("a"), open_node("b")
    first = load(one, report(tmp_path, "march", teams_2023_03=100, exchange_2023_03=7))
    load(two, report(tmp_path, "april", teams_2023_04=130))
    # At once, without a command of its own: who waits for another's turn sees it end.
    assert len(one.usage_reports.picture().decided) == 2
    again = load(one, report(tmp_path, "again", teams_2023_04=130))
    assert again.outcome == "already_counted"
    march = [
        ("2023-03-01", "exchange", "7000000", "0"),
        ("2023-03-01", "teams", "100000000", "0"),
        ("2023-04-01", "teams", "0", "30000000"),
    ]
    assert grown(two) == march
    two.usage_reports.withdraw(first.report, "by mistake", CALLER)
    april = [("2023-04-01", "teams", "130000000", "0")]
    assert [row for row in grown(one) if row[2:] != ("0", "0")] == april
    assert [row for row in grown(two) if row[2:] != ("0", "0")] == april
    assert one.ledger.catch_up() == two.ledger.catch_up()
    for node in (one, two):
        checked = list(verify(node.path, lambda _: nullcontext(_Nobody())))
        assert [(it.part, it.error) for it in checked] == [(part, None) for part in PARTS]
        assert checked[1].told["decisions"] == 3
        assert checked[1].told["uncounted_records"] == 0


def test_nodes_that_load_at_once_all_count(open_node: OpenNode, tmp_path: Path) -> None:
    """Each is computed again until it stands on the others; no row counts twice."""
    names = ("a", "b", "c")
    nodes = {name: open_node(name) for name in names}
    files = {
        name: [
            report(tmp_path, f"{name}{month}", **{f"teams_2023_{month:02}": month})
            for month in (first, first + 1)
        ]
        for name, first in zip(names, (1, 3, 5), strict=True)
    }
    outcomes: list[Any] = []

    def work(name: str) -> None:
        outcomes.extend(load(nodes[name], file) for file in files[name])

    racers = [Thread(target=work, args=(name,)) for name in names]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert [it.outcome for it in outcomes] == ["loaded"] * 6
    expected = [("2023-01-01", "teams", "1000000", "0")] + [
        (f"2023-{month:02}-01", "teams", "0", "1000000") for month in range(2, 7)
    ]
    for name in names:
        assert grown(nodes[name]) == expected
        assert nodes[name].ledger.catch_up() == nodes["a"].ledger.catch_up()


def test_what_strangers_write_is_told_and_means_nothing(
    open_node: OpenNode, tmp_path: Path, place: Place
) -> None:
    """Records of anybody: passed over by every reader, and counted by `verify`."""
    one = open_node("a")
    load(one, report(tmp_path, "march", teams_2023_03=100))
    log = one.usage_log
    (entry,) = decided(one.reader)
    own = [("ce_source", f"urn:attribution:ledger:{one.ledger.folder.ledger}".encode())]
    own += [("ce_type", b"usage.increment.v1")]
    for cut in entry.decision.cut:
        names = [f"{entry.decision.attempt}/{cut.partition}/{n}" for n in range(5)]
        strange = [Message(b"k", b"{", [*own, ("ce_id", name.encode())]) for name in names]
        strange += [Message(b"junk", None), Message(None, b"no value")]
        put(place, place.usage, *strange, partition=cut.partition)
    load(one, report(tmp_path, "april", teams_2023_04=130))
    two = open_node("b")
    assert grown(two) == grown(one)
    assert [row[2:] for row in grown(two)] == [("100000000", "0"), ("0", "30000000")]
    assert log.left_over(decided(one.reader)) == 7 * len(entry.decision.cut)


def test_a_copy_that_was_lost_is_read_again(open_node: OpenNode, tmp_path: Path) -> None:
    """By itself, or with `rebuild`: the same rows at the same places."""
    one, two = open_node("a"), open_node("b")
    for number in range(1, 4):
        load(one, report(tmp_path, f"r{number}", **{f"teams_2023_{number:02}": number}))
    two.usage_log.hold(decided(two.reader))
    held = dump(two.usage_log)
    assert len(held) > 6
    assert held == dump(one.usage_log)
    assert rebuilding.usage(two, lambda _: None) == two.ledger.head.position
    assert dump(two.usage_log) == held
    two.ledger.folder.usage.unlink()
    again = open_node("b")
    again.usage_log.hold(decided(again.reader))
    assert dump(again.usage_log) == held


def test_a_topic_that_could_forget_usage_is_refused(
    open_node: OpenNode, tmp_path: Path, place: Place
) -> None:
    """Before a row is sent, with the setting named."""
    set_to(place, place.usage, retention_ms="604800000")
    with pytest.raises(AttributionError, match=r"retention.ms is 604800000") as refused:
        load(open_node("a"), report(tmp_path, "march", teams_2023_03=100))
    assert refused.value.code == "topic_could_forget"


def test_a_topic_of_usage_that_was_made_anew_or_cut_is_refused(
    open_node: OpenNode, tmp_path: Path, place: Place
) -> None:
    """Exit 4 on a node that knew the old one, and on one that needs what is gone."""
    one = open_node("a")
    load(one, report(tmp_path, "march", teams_2023_03=100))
    make_anew(place, place.usage)
    with pytest.raises(AttributionError) as recreated:
        load(open_node("a"), report(tmp_path, "april", teams_2023_04=100))
    assert (recreated.value.code, recreated.value.exit_code) == ("topic_recreated", 4)
    with pytest.raises(AttributionError) as lost:
        grown(open_node("b"))
    assert (lost.value.code, lost.value.exit_code) == ("usage_truncated", 4)


class _Nobody:
    """Watches a check and says nothing."""

    def reach(self, done: int) -> None:
        """So far."""
