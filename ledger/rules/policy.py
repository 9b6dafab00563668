"""A claim policy: the dated set of parameters by which claims are judged (DESIGN §5; domain.md §4).

Shipped policies are the files in ``policies/``; each names the source of every value. A policy is
checked when it is adopted, so whatever a decision reads is known to be right.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from datetime import datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from ledger.errors import BadInputError
from ledger.rules.calendar import Term, parse_term
from schemas.subscriptions import Channel
from schemas.values import (
    Activity,
    ConsentMode,
    Country,
    Id,
    Instant,
    ProofElement,
    SolutionArea,
    Text,
    Value,
)

BUILTIN = ("P2020", "P2023", "EXPLICIT")
"""The names of the shipped policies."""


def _term(text: Any) -> Any:
    return parse_term(text) if isinstance(text, str) else text


Length = Annotated[Term, BeforeValidator(_term)]


class ClaimState(StrEnum):
    """The states of a claim (domain.md §4.1), and ``replaced`` for who lost an arbitration (§5)."""

    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    PARTNER_ACTION_REQUIRED = "partner_action_required"
    APPROVED = "approved"
    REJECTED = "rejected"
    DISPUTE = "dispute"
    REJECTED_FINAL = "rejected_final"
    REPLACED = "replaced"


class Area(Value):
    """What a solution area accepts at entry (domain.md §3.1-3.3)."""

    activities: Annotated[tuple[Activity, ...], Field(min_length=1)]
    occupied: Literal["arbitration", "refused"]
    channels_refused: tuple[Channel, ...] = ()
    domain: Literal["required", "optional"]
    technical_contact: Literal["required", "optional"]


class Claiming(Value):
    """What a partner needs before it may claim at all (domain.md §4.2, row 1)."""

    enrolment: Literal["advisable", "required"] = "advisable"


class Review(Value):
    """The days of reviewer and partner, and whether an approval may be back-dated."""

    take_up: Length
    decide: Length
    answer: Length
    back_dating: bool


class Consent(Value):
    """How the customer's consent is reached, and what a no means when (domain.md §4.3)."""

    mode: ConsentMode
    window: Length | None = None
    starts: Literal["approval", "submission"]
    late_no: Literal["recorded", "ends"]
    no_before_approval: bool
    yes_before_approval: bool

    @model_validator(mode="after")
    def _window_belongs_to_its_mode(self) -> Self:
        if (self.window is None) == (self.mode is ConsentMode.OPT_OUT_WINDOW):
            raise ValueError("a window is allowed, and needed, only where mode is opt_out_window")
        if self.mode is ConsentMode.DECLINE_ANY_TIME and self.late_no != "ends":
            raise ValueError("where mode is decline_any_time, late_no can only be 'ends'")
        return self


class Dispute(Value):
    """Within which time and how often a loss may be disputed, and when it is answered."""

    within: Length
    most: Annotated[int, Field(ge=0, le=10)]
    answer: Length


class ProofRules(Value):
    """What a proof needs to be accepted, and in which states one may be added (domain.md §3.4)."""

    elements: tuple[ProofElement, ...]
    usage_elements: tuple[ProofElement, ...]
    disclosure_countries: tuple[Country, ...]
    acknowledged_within_months: Annotated[int, Field(ge=1, le=120)]
    added_in: tuple[ClaimState, ...]
    added_when_approved_from: Instant | None = None


class Policy(Value):
    """One policy, whole. ``sources`` says for each value where it comes from."""

    policy: Id
    title: Text
    in_force_from: Instant | None = None
    calendar: Id
    areas: dict[SolutionArea, Area]
    claiming: Claiming = Claiming()
    review: Review
    consent: Consent
    dispute: Dispute
    proof: ProofRules
    sources: dict[str, Text] = Field(default_factory=dict)


def parse(content: dict[str, Any]) -> Policy:
    """The policy that a content states; ``BadInputError`` names key, value and what is allowed."""
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise _bad(error) from error


def builtin(name: str) -> dict[str, Any]:
    """The content of a shipped policy as plain JSON; ``BadInputError`` for an unknown name."""
    if name.upper() not in BUILTIN:
        raise BadInputError(
            f"There is no shipped policy {name!r}.",
            hint=f"Shipped are {', '.join(BUILTIN)}; or give your own as content.",
            code="unknown_builtin",
        )
    return deepcopy(_read(name.lower()))


@cache
def _read(stem: str) -> dict[str, Any]:
    path = files("ledger.rules").joinpath("policies", f"{stem}.toml")
    content: dict[str, Any] = orjson.loads(orjson.dumps(tomllib.loads(path.read_text("utf-8"))))
    return content


def _bad(error: ValidationError) -> BadInputError:
    first = error.errors(include_url=False)[0]
    key = ".".join(str(part) for part in first["loc"]) or "the content"
    value = first["input"]
    shown = "is missing" if first["type"] == "missing" else f"is {_short(value)}"
    allowed = first["msg"].removeprefix("Value error, ")
    more = error.error_count() - 1
    return BadInputError(
        f"In the policy, {key} {shown}: {allowed}." + (f" {more} more like it." if more else ""),
        hint="Compare with a shipped policy: ledger/rules/policies.",
        code="bad_policy",
    )


def _short(value: Any) -> str:
    text = value.isoformat() if isinstance(value, datetime) else repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
