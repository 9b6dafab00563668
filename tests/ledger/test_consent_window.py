"""Windows of a claim whose other slots were given back, lost or restored, on a real ledger."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.app import Ledger
from ledger.deciding import Request
from ledger.log.verify import verify_chain
from schemas.consent import ConsentPassed
from schemas.envelope import Attributes
from schemas.time import FOREVER_US, from_iso, iso, to_us
from tests.builders import CONTOSO
from tests.claims import m365, submission
from tests.ledger.test_adversary import claimed, estate, said, types
from tests.ledger.test_app import BORN_US

WON = "2021-03-05T10:00:00Z"
CLOSES = "2021-03-09T00:00:00Z"
BOTH = ("exchange", "teams")


def _rivals() -> list[Request]:
    at = "2020-07-02T09:00:00Z"
    return [
        said("organisation.register", "operator", at, organisation="200", name="B", country="CZ"),
        said(
            "location.register",
            "operator",
            at,
            location="201",
            organisation="200",
            name="B",
            country="CZ",
        ),
        said(
            "role.grant", "operator", at, grantee="adele", role="account_admin", organisation="200"
        ),
        said("role.grant", "adele", at, grantee="igor", role="incentive_admin", location="201"),
        said("role.grant", "operator", at, grantee="cyril", role="customer_admin", tenant=CONTOSO),
    ]


def _replaced(*workloads: str) -> list[Request]:
    return [
        said("claim.submit", "igor", WON, **submission("C-2", "201", *workloads)),
        said("claim.start_review", "rita", WON, claim="C-2"),
        said("arbitration.open", "rita", WON, claim="C-2"),
        said("arbitration.answer", "ines", WON, claim="C-1", statement="We work there."),
        said(
            "arbitration.decide",
            "rita",
            WON,
            claim="C-2",
            outcome="challenger_wins",
            reason="Compared.",
        ),
    ]


def _declined(at: str) -> Request:
    return said("consent.decline", "cyril", at, claim="C-2")


def _given_back() -> Request:
    slots = [m365("teams")]
    asked = {"reason": "partner_request", "comment": "No longer working there."}
    return said("claim.reject", "rita", WON, claim="C-1", slots=slots, **asked)


@pytest.mark.parametrize(
    "meanwhile,confirmed",
    [
        ([_given_back()], ("exchange",)),
        (_replaced("teams"), ("exchange",)),
        ([*_replaced("teams"), _declined("2021-03-06T10:00:00Z")], BOTH),
        ([*_replaced(*BOTH), _declined("2021-03-06T10:00:00Z")], BOTH),
        ([*_replaced(*BOTH), _declined("2021-03-10T10:00:00Z")], BOTH),
    ],
    ids=["given back", "lost", "lost and restored", "replaced and restored", "restored late"],
)
def test_the_clock_records_that_the_rest_was_confirmed(
    tmp_path: Path, meanwhile: list[Request], confirmed: tuple[str, ...]
) -> None:
    """Silence confirms the slots still held, effective at the close, and the log is sound."""
    with Ledger.create(tmp_path / "t", clock_kind="told", at_us=BORN_US) as ledger:
        told = [*estate(), *_rivals(), *claimed("C-1", "2021-03-01T09:00:00Z", *BOTH), *meanwhile]
        numbered = [one._replace(command_id=str(n)) for n, one in enumerate(told)]
        outcomes = ledger.submit_group(numbered)
        assert [str(one.error) for one in outcomes if one.error] == []
        assert "consent.passed.v1" not in types(ledger)
        ledger.tick(max(from_iso(CLOSES), told[-1].at_us or 0))
        assert types(ledger)[-1] == "consent.passed.v1"
        assert _last(ledger) == ("C-1", tuple(m365(one) for one in confirmed), CLOSES, CLOSES)
        ledger.tick(from_iso("2021-04-01T00:00:00Z"))
        assert ledger.index.due(FOREVER_US) == []
        assert verify_chain(ledger.folder).head == ledger.head


def _last(ledger: Ledger) -> tuple[str, tuple[str, ...], str, str]:
    """Claim, slots, deadline and effective instant of the last event, a passed consent."""
    reader = ledger.reader()
    *_, stored = reader.read()
    reader.close()
    event = ConsentPassed.model_validate_json(stored.data)
    effective_us = Attributes.from_bytes(stored.attributes).effective_at_us
    return event.claim, event.slots, iso(to_us(event.due)), iso(effective_us)
