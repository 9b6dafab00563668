"""Agreements: signed once with each partner once in a role, ended once; TPOR follows by itself."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ledger.commands.amend_agreement import AmendAgreement
from ledger.commands.sign_agreement import SignAgreement
from ledger.decision_models.agreement import AGREEMENT
from schemas.agreements import AgreementAmended, AgreementEnded, AgreementSigned
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


def test_an_amendment_replaces_a_partner_in_one_event() -> None:
    """Who comes and who goes; both find it by their tags (domain.md §6)."""
    world = estate("agreement.amend")
    add = [{"location": "102", "role": "reseller"}]
    event = do_example(world, "agreement.amend", add=add).event
    assert isinstance(event, AgreementAmended)
    assert {"partner:101", "partner:102", "agreement:EA-1"} <= set(event.tags())
    state = world(AGREEMENT, "EA-1")
    assert state is not None
    assert [(it.location, it.role) for it in state.partners] == [("102", "reseller")]


def test_an_amendment_only_takes_off_who_is_there_and_puts_on_who_is_not() -> None:
    """In that role: another role of the same partner is another place."""
    world = estate("agreement.amend")
    there, elsewhere = (
        {"location": "101", "role": "reseller"},
        {"location": "101", "role": "distributor"},
    )
    with refuses("partner_on_agreement"):
        do_example(world, "agreement.amend", add=[there], remove=[])
    with refuses("partner_not_on_agreement"):
        do_example(world, "agreement.amend", add=[], remove=[elsewhere])
    do_example(world, "agreement.amend", add=[elsewhere], remove=[])
    state = world(AGREEMENT, "EA-1")
    assert state is not None
    assert len(state.partners) == 2


@pytest.mark.parametrize(
    "add, remove, says",
    [
        ([], [], "adds or removes somebody"),
        ([{"location": "101", "role": "reseller"}] * 2, [], "twice"),
    ],
)
def test_an_amendment_changes_something_once(
    add: list[dict[str, str]], remove: list[dict[str, str]], says: str
) -> None:
    """Bad input before any decision."""
    with pytest.raises(ValidationError, match=says):
        AmendAgreement.model_validate(example("agreement.amend", add=add, remove=remove))


def test_amendments_come_in_order_to_an_agreement_in_force() -> None:
    """Not before the signature or the last one, not after the end; who comes must exist."""
    world = estate("agreement.amend")
    with refuses("unknown_reference"):
        do_example(world, "agreement.amend", add=[{"location": "999", "role": "reseller"}])
    with refuses("effective_too_early"):
        do_example(world, "agreement.amend", effective_at="2020-06-30T00:00:00Z")
    do_example(world, "agreement.amend")
    with refuses("effective_too_early"):
        do_example(world, "agreement.end", effective_at="2021-06-30T00:00:00Z")
    do_example(world, "agreement.end")
    with refuses("already_ended"):
        do_example(world, "agreement.amend")


@pytest.mark.parametrize(
    "kind, channel, fits",
    [
        ("EA", "ea", True),
        ("OPEN", "volume_licensing", True),
        ("MPSA", "volume_licensing", True),
        ("OPEN", "ea", False),
        ("EA", "volume_licensing", False),
    ],
)
def test_a_channel_is_sold_under_agreements_of_its_kind(
    kind: str, channel: str, *, fits: bool
) -> None:
    """Volume licensing is EA, MPSA and OPEN (domain.md §3.2, §6)."""
    world = estate("agreement.sign")
    do_example(world, "agreement.sign", kind=kind)
    if fits:
        do_example(world, "subscription.start", channel=channel)
        return
    with refuses("agreement_kind"):
        do_example(world, "subscription.start", channel=channel)


def test_a_re_pointed_partner_is_taken_off_by_its_present_location() -> None:
    """The event names the one that stands on the agreement (domain.md §7.5)."""
    world = estate("agreement.amend")
    world.do("location.repoint", "operator", location="101", to="102")
    sister = [{"location": "102", "role": "reseller"}]
    with refuses("partner_on_agreement"):
        do_example(world, "agreement.amend", add=sister, remove=[], effective_at=None)
    fact = do_example(world, "agreement.amend", add=[], remove=sister, effective_at=None)
    assert isinstance(fact.event, AgreementAmended)
    assert [one.location for one in fact.event.removed] == ["101"]
