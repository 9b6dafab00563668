"""Erasing a person on a whole ledger: recorded, destroyed, final, and harmless to every proof."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from ledger.app import Ledger
from ledger.commands import catalogue as commands
from ledger.deciding import Request
from ledger.errors import RefusedError
from ledger.log.verify import verify_chain
from ledger.privacy import erasing
from schemas import catalogue
from schemas.claims import ClaimSubmitted
from schemas.time import from_iso
from schemas.values import Sealed
from tests.builders import OPERATOR
from tests.claim_to_come import AT_US, begin, do
from tests.claims import submission

BORN_US = from_iso("2021-01-01T08:00:00Z")


def told(path: Path) -> Ledger:
    """A ledger with one claim."""
    ledger = Ledger.create(path, clock_kind="told", at_us=BORN_US)
    begin(ledger)
    do(ledger, "claim.submit", "anna", "7", **submission("C-1", "101"))
    return ledger


def contact(ledger: Ledger, claim: str) -> Sealed:
    """The customer's contact as it lies in the log."""
    for stored in ledger.index.tagged(f"claim:{claim}", [ClaimSubmitted.TYPE]):
        event = catalogue.decode(stored.type, stored.data)
        assert isinstance(event, ClaimSubmitted)
        return event.customer_contact
    raise AssertionError(claim)


@pytest.fixture
def ledger(tmp_path: Path) -> Any:
    """A ledger with one claim, closed at the end."""
    made = told(tmp_path / "ledger")
    yield made
    made.close()


def test_an_erased_contact_opens_no_more_and_the_log_verifies(ledger: Ledger) -> None:
    """The event names the key alone; what was sealed stays as it is, and every hash with it."""
    sealed = contact(ledger, "C-1")
    assert ledger.keys.open(sealed) is not None
    done = do(ledger, "person.erase", OPERATOR, "e-1", key=sealed.key)
    assert done.event.model_dump() == {"key": sealed.key, "reason": "asked"}
    assert ledger.keys.open(sealed) is None
    assert contact(ledger, "C-1") == sealed
    assert verify_chain(ledger.folder).events == ledger.head.position


def test_an_erasure_is_repeated_harmlessly_and_done_once(ledger: Ledger) -> None:
    """The same command again is the same event; another one is refused, as an unknown key is."""
    key = contact(ledger, "C-1").key
    first = do(ledger, "person.erase", OPERATOR, "e-1", key=key)
    again = do(ledger, "person.erase", OPERATOR, "e-1", key=key)
    assert (again.position, again.repeated) == (first.position, True)
    for wrong, code in ((key, "already_ended"), ("p-unknown", "unknown_reference")):
        with pytest.raises(RefusedError) as refused:
            do(ledger, "person.erase", OPERATOR, f"e-{wrong}", key=wrong)
        assert refused.value.code == code


def test_a_person_named_again_after_its_erasure_is_a_new_one(ledger: Ledger) -> None:
    """Even in the very group of the erasure: the later contact stays readable."""
    old = contact(ledger, "C-1")
    wishes = [
        ("person.erase", OPERATOR, {"key": old.key}),
        ("claim.submit", "anna", submission("C-2", "101", "teams")),
    ]
    requests = [
        Request(commands.load(name).model_validate(data), actor, f"g-{name}", AT_US)
        for name, actor, data in wishes
    ]
    assert all(outcome.position for outcome in ledger.submit_group(requests))
    new = contact(ledger, "C-2")
    assert new.key != old.key
    assert ledger.keys.open(old) is None
    assert ledger.keys.open(new) is not None


def test_a_copy_of_the_keys_that_is_put_back_loses_the_key_again(tmp_path: Path) -> None:
    """The log says who is erased; the key file follows it whenever the ledger is opened."""
    path = tmp_path / "ledger"
    ledger = told(path)
    ledger.close()
    shutil.copy(path / "keys.db", tmp_path / "copy.db")
    with Ledger.open(path) as ledger:
        sealed = contact(ledger, "C-1")
        do(ledger, "person.erase", OPERATOR, "e-1", key=sealed.key)
    shutil.copy(tmp_path / "copy.db", path / "keys.db")
    with Ledger.open(path) as ledger:
        assert ledger.keys.open(sealed) is None


def test_an_erasure_that_was_interrupted_is_finished_when_the_ledger_is_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it is recorded it holds, whatever happened to the process after that."""
    path = tmp_path / "ledger"
    ledger = told(path)
    sealed = contact(ledger, "C-1")

    def killed(*_: Any) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("ledger.app.erase", killed)
    with pytest.raises(KeyboardInterrupt):
        do(ledger, "person.erase", OPERATOR, "e-1", key=sealed.key)
    ledger.close()
    monkeypatch.setattr("ledger.app.erase", erasing.erase)
    with Ledger.open(path) as again:
        assert again.keys.open(sealed) is None
