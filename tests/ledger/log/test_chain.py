"""The chain: one encoding, a total parser, and a verdict that is the same for everybody."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.log.chain import START, Accepted, Head, Void, judge, ledger_of, seal
from ledger.log.frame import EventBytes, Frame, Unparsable, frame_hash, pack, parse
from tests.ledger.log.make_chain_vectors import GOLDEN, vectors

ROOT = Path(__file__).parents[3]
CHECKER = ROOT / "docs" / "check_chain.py"

some_bytes = st.binary(max_size=60)
event_bytes = st.builds(EventBytes, some_bytes, some_bytes)
frames = st.builds(
    Frame,
    st.integers(1, 2**64 - 1),
    st.binary(min_size=32, max_size=32),
    some_bytes,
    st.lists(event_bytes, min_size=1, max_size=5).map(tuple),
)


@given(frames)
def test_a_frame_packed_and_parsed_is_the_same(frame: Frame) -> None:
    """Parsing is the inverse of packing."""
    assert parse(pack(frame)) == frame


@given(frames, st.data())
def test_bytes_that_parse_have_no_other_encoding(frame: Frame, data: st.DataObject) -> None:
    """Whatever changed bytes still parse to, packing gives exactly those bytes."""
    packed = bytearray(pack(frame))
    for _ in range(data.draw(st.integers(1, 3))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    found = parse(bytes(packed))
    if not isinstance(found, Unparsable):
        assert pack(found) == bytes(packed)


@given(st.binary(max_size=200))
def test_any_bytes_give_a_frame_or_a_reason(data: bytes) -> None:
    """The parser is total, also behind the right magic."""
    for candidate in (data, b"ATL1" + data, b"ATL1" + bytes(7) + b"\1" + bytes(3) + b"\1" + data):
        found = parse(candidate)
        assert isinstance(found, Unparsable | Frame)


@given(st.lists(event_bytes, min_size=1, max_size=4), st.data())
def test_every_byte_of_a_commit_is_under_its_hash(
    events: list[EventBytes], data: st.DataObject
) -> None:
    """One changed bit anywhere makes another hash, so the next commit no longer follows."""
    commit, head = seal(START, 5, events, "l-1")
    follower, _ = seal(head, 6, events)
    at = data.draw(st.integers(0, len(commit) * 8 - 1))
    changed = bytearray(commit)
    changed[at // 8] ^= 1 << (at % 8)
    assert frame_hash(bytes(changed)) != head.hash
    verdict = judge(START, bytes(changed))
    after = verdict.head if isinstance(verdict, Accepted) else START
    assert isinstance(judge(after, follower), Void)


FIELDS: dict[str, dict[str, Any]] = {
    "type": {"type": "b.v1"},
    "tags": {"tags": ("y",)},
    "effective_at": {"effective_at_us": 7_000_000},
    "actor": {"actor": "b"},
    "command_id": {"command_id": "2"},
    "command_hash": {"command_hash": "cd"},
    "causation": {"causation": 2},
    "correlation": {"correlation": "q"},
}


@pytest.mark.parametrize("field", [*FIELDS, "data", "recorded_at", "ledger", "first", "prev"])
def test_the_hash_covers_each_field(field: str) -> None:
    """Each thing a commit says is covered: change it alone and the hash is another."""
    from schemas.envelope import Attributes

    attributes = Attributes("a.v1", ("x",), 5_000_000, "a", "1", "ab", 1, "p")
    base = {
        "head": START,
        "at": 9_000_000,
        "data": b"{}",
        "ledger": "l-1",
        "attributes": attributes,
    }
    other = dict(base)
    if field in FIELDS:
        other["attributes"] = attributes._replace(**FIELDS[field])
    else:
        changes: dict[str, dict[str, Any]] = {
            "data": {"data": b'{"a":1}'},
            "recorded_at": {"at": 9_000_001},
            "ledger": {"ledger": "l-2"},
            "first": {"head": Head(1, START.hash)},
            "prev": {"head": Head(0, b"\1" * 32)},
        }
        other |= changes[field]

    def hashed(said: dict[str, Any]) -> bytes:
        event = EventBytes(said["attributes"].to_bytes(), said["data"])
        return seal(said["head"], said["at"], [event], said["ledger"])[1].hash

    assert hashed(base) != hashed(other)


def test_the_first_commit_names_its_ledger() -> None:
    """The ledger's own id is under the first hash, and so under every hash after it."""
    event = EventBytes(b"{}", b"")
    first, head = seal(START, 5, [event], "l-1")
    assert ledger_of(first) == "l-1"
    assert ledger_of(seal(head, 5, [event])[0]) is None
    assert ledger_of(b"nothing") is None


def test_the_instant_of_a_commit_never_goes_back() -> None:
    """A commit that claims an earlier instant than the head is dated like the head."""
    event = EventBytes(b"{}", b"")
    _, head = seal(START, 5_000_000, [event], "l-1")
    early, _ = seal(head._replace(recorded_at_us=0), 1_000_000, [event])
    verdict = judge(head, early)
    assert isinstance(verdict, Accepted)
    assert verdict.head.recorded_at_us == 5_000_000


def test_the_golden_vectors_stand() -> None:
    """Released verdicts and hashes never change."""
    assert json.loads(GOLDEN.read_text("utf-8")) == json.loads(json.dumps(vectors()))


def checker() -> Any:
    """The independent checker of docs/, loaded as a stranger would run it."""
    spec = importlib.util.spec_from_file_location("check_chain", CHECKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("case", json.loads(GOLDEN.read_text("utf-8")), ids=lambda c: c["name"])
def test_the_independent_checker_agrees_with_the_vectors(case: dict[str, Any]) -> None:
    """Code that shares nothing with ours gives the same verdicts and heads."""
    check, position, prev = checker().check, 0, bytes(32)
    for step in case["steps"]:
        try:
            position, prev = check(bytes.fromhex(step["commit"]), position, prev)
            verdict = "accepted"
        except ValueError as void:
            verdict = str(void)
        assert (verdict, position, prev.hex()) == (
            step["verdict"],
            step["position"],
            step["hash"],
        )


def test_the_independent_checker_runs_on_a_file(tmp_path: Path) -> None:
    """As a command it prints the head, or the line of the first void commit."""
    first, head = seal(START, 5, [EventBytes(b"{}", b"")], "l-1")
    second, end = seal(head, 6, [EventBytes(b"{}", b"")])
    good, bad = tmp_path / "good", tmp_path / "bad"
    good.write_text(f"{first.hex()}\n{second.hex()}\n")
    bad.write_text(f"{first.hex()}\n{first.hex()}\n")
    run = [sys.executable, str(CHECKER)]
    fine = subprocess.run([*run, str(good)], capture_output=True, text=True, check=True)
    assert fine.stdout.strip() == f"position 2, hash {end.hash.hex()}"
    void = subprocess.run([*run, str(bad)], capture_output=True, text=True, check=False)
    assert (void.returncode, void.stderr.strip()) == (1, "line 2: void, position_taken")


def test_the_independent_checker_is_short() -> None:
    """Short enough to be read whole before it is trusted: at most 40 lines of code."""
    body = CHECKER.read_text("utf-8").split('"""', 2)[2]
    assert sum(bool(line.strip()) for line in body.splitlines()) <= 40
