"""Agreements: signed once with each partner once in a role, ended once; TPOR follows by itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ledger.commands.sign_agreement import SignAgreement
from ledger.decision_models.agreement import AGREEMENT
from schemas.agreements import AgreementEnded, AgreementSigned
from schemas.time import FOREVER_US, from_iso
from tests.builders import CONTOSO, FABRIKAM, refuses
from tests.ledger.commands.estate import do_example, estate, example


def test_a_signature_names_every_partner_in_its_role() -> None:
    """Several roles stand at once; all partners find the event by their tag (domain.md §6)."""
    world = estate("agreement.sign")
    partners = [
        {"location": "101", "role": "distributor"},
        {"location": "102", "role": "reseller"},
        {"location": "102", "role": "software_advisor"},
    ]
    event = do_example(world, "agreement.sign", partners=partners).event
    assert isinstance(event, AgreementSigned)
    assert [(it.location, it.role) for it in event.partners] == [
        ("101", "distributor"),
        ("102", "reseller"),
        ("102", "software_advisor"),
    ]
    assert {"partner:101", "partner:102", f"tenant:{CONTOSO}"} <= set(event.tags())
    state = world(AGREEMENT, "EA-1")
    assert state is not None
    assert (state.signed_us, state.ended_us) == (from_iso("2020-07-01T00:00:00Z"), FOREVER_US)


def test_a_partner_twice_in_one_role_is_bad_input() -> None:
    """The sentence names the location and the role."""
    twice = [{"location": "101", "role": "reseller"}] * 2
    with pytest.raises(ValidationError, match="location 101 is reseller twice"):
        SignAgreement.model_validate(example("agreement.sign", partners=twice))


def test_what_an_agreement_names_must_exist() -> None:
    """An unknown customer or partner location is refused."""
    world = estate("agreement.sign")
    with refuses("unknown_reference"):
        do_example(world, "agreement.sign", tenant=FABRIKAM)
    with refuses("unknown_reference"):
        do_example(world, "agreement.sign", partners=[{"location": "999", "role": "reseller"}])


def test_an_agreement_is_signed_once_and_ended_once() -> None:
    """A used id, an unknown one and a second end are refused."""
    world = estate("agreement.sign")
    with refuses("unknown_reference"):
        do_example(world, "agreement.end")
    do_example(world, "agreement.sign")
    with refuses("already_exists"):
        do_example(world, "agreement.sign")
    ended = do_example(world, "agreement.end").event
    assert ended == AgreementEnded(agreement="EA-1", tenant=CONTOSO)
    with refuses("already_ended") as refused:
        do_example(world, "agreement.end")
    assert "2023-06-30T00:00:00Z" in str(refused.value)
