"""The small values take what people write and keep one spelling, or refuse and say why."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from schemas.governance import ProgrammeAdopted
from schemas.subscriptions import SubscriptionEnded
from schemas.values import Comment, Content, Count, Domain, Id, Instant, SlotName, TenantId, Text

TENANT = "11111111-1111-4111-8111-11111111111a"


def read(kind: Any, value: Any) -> Any:
    """The value as a field annotated ``kind`` keeps it."""
    return TypeAdapter(kind).validate_python(value)


@pytest.mark.parametrize(
    "kind, written, kept",
    [
        (TenantId, TENANT.upper(), TENANT),
        (Domain, "Contoso.OnMicrosoft.Example", "contoso.onmicrosoft.example"),
        (Domain, "xn--bcher-kva.xn--p1ai", "xn--bcher-kva.xn--p1ai"),
        (Text, "  Partner A ", "Partner A"),
        (Instant, "2020-07-01T02:00:00+02:00", dt.datetime(2020, 7, 1, tzinfo=dt.UTC)),
        (Content, {"from": dt.date(2020, 7, 1), "tiers": (1, 2)},
         {"from": "2020-07-01", "tiers": [1, 2]}),
    ],
)  # fmt: skip
def test_a_value_is_kept_in_one_spelling(kind: Any, written: Any, kept: Any) -> None:
    """Case, blanks, zones and containers are settled where the value enters."""
    assert read(kind, written) == kept


@pytest.mark.parametrize(
    "kind, written",
    [
        (Id, "jo.doe@contoso.example"), (Id, "a\n"), (Id, ""), (Id, "a" * 65), (Id, "-a"),
        (TenantId, "contoso"), (TenantId, TENANT + "\n"), (TenantId, "\u0661" + TENANT[1:]),
        (Domain, "a..example"), (Domain, "-a.example"), (Domain, "a"), (Domain, "\u212aa.example"),
        (Domain, f"{'a.' * 126}example"), (Domain, f"{'a' * 64}.example"),
        (Instant, "2020-07-01T00:00:00"), (Instant, "2020-02-30T00:00:00Z"),
        (Instant, "0001-01-01T00:00:00+14:00"), (Instant, "9999-12-31T23:59:59-14:00"),
        (Count, -1), (Count, 2**53),
        (SlotName, "dpor"), (SlotName, "dpor:a b"), (SlotName, "dpor:a@b"),
        (Content, {"rate": float("nan")}), (Content, {"thing": object()}), (Content, [1]),
    ],
)  # fmt: skip
def test_what_is_not_such_a_value_is_refused(kind: Any, written: Any) -> None:
    """A value outside its rule raises ``ValidationError``, never another error."""
    with pytest.raises(ValidationError):
        read(kind, written)


@pytest.mark.parametrize("kind", [Text, Comment])
@pytest.mark.parametrize(
    "code", [0x00, 0x0A, 0x1B, 0x7F, 0x85, 0x061C, 0x200B, 0x2028, 0x202E, 0x2066, 0xFEFF]
)
def test_a_text_with_invisible_characters_is_refused_with_its_place(kind: Any, code: int) -> None:
    """Control, line-breaking and direction characters are named by code and place."""
    with pytest.raises(ValidationError, match=f"U\\+{code:04X} at place 2"):
        read(kind, f"a{chr(code)}b")


@given(year=st.integers(1, 9999), zone_minutes=st.integers(-14 * 60, 14 * 60))
def test_an_instant_at_the_edge_of_a_year_is_kept_in_utc_or_refused(
    year: int, zone_minutes: int
) -> None:
    """Every aware datetime is either kept as the same instant or refused as invalid."""
    zone = dt.timezone(dt.timedelta(minutes=zone_minutes))
    written = dt.datetime(year, 12, 31, 23, 59, 59, tzinfo=zone)
    try:
        kept = read(Instant, written)
    except ValidationError:
        assert year == 9999
        return
    assert kept == written
    assert kept.tzinfo is dt.UTC


def test_the_slots_that_an_ended_subscription_empties_are_slot_names() -> None:
    """They become tags, so no other text may stand there."""
    fields = {"subscription": "s-1", "tenant": TENANT, "reason": "expired"}
    with pytest.raises(ValidationError, match="slots"):
        SubscriptionEnded.model_validate({**fields, "slots": ["dpor:jo@contoso.example"]})


def test_adopted_content_is_not_shared_with_the_caller() -> None:
    """A change of the dictionary that was handed in does not reach the event."""
    content = {"threshold": {"points": 70}}
    adopted = ProgrammeAdopted(programme="p-1", content=content, sha256="0" * 64)
    content["threshold"]["points"] = 0
    assert adopted.content == {"threshold": {"points": 70}}
