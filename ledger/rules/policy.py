"""A claim policy: the dated set of parameters by which claims are judged (DESIGN §5; domain.md §4).

Shipped policies are the files in ``policies/``; each names the source of every value. A policy is
checked when it is adopted, so whatever a decision reads is known to be right.
"""

from __future__ import annotations

import tomllib
from copy import deepcopy
from enum import StrEnum
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from ledger.errors import BadInputError
from ledger.rules.calendar import Term, parse_term
from ledger.rules.data_file import wrong_value
from schemas.subscriptions import Channel
from schemas.time import to_us
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
    if isinstance(text, Term):
        return text
    return parse_term(text if isinstance(text, str) else "")


Length = Annotated[Term, BeforeValidator(_term)]


class ClaimState(StrEnum):
    """The states of a claim (domain.md §4.1), and three that the sources give no name.

    ``replaced`` for who lost an arbitration (§5), ``ended`` with the subscription (§4.2, 14), and
    ``discarded`` for a draft that was given up.
    """

    DRAFT = "draft"
    DISCARDED = "discarded"
    SUBMITTED = "submitted"
    UNDER_REVIEW = "under_review"
    PARTNER_ACTION_REQUIRED = "partner_action_required"
    APPROVED = "approved"
    REJECTED = "rejected"
    DISPUTE = "dispute"
    REJECTED_FINAL = "rejected_final"
    REPLACED = "replaced"
    ENDED = "ended"


class ActivityRules(Value):
    """What a policy calls an activity, what its claims must name besides, what it can earn (§3.1).

    ``recognition_only`` tells that no claim of it is ever paid (domain.md §3.2).
    """

    title: Text | None = None
    needs: tuple[Literal["solution_seller", "customer_name", "isv_product"], ...] = ()
    recognition_only: bool = False


def _by_activity(given: Any) -> Any:
    return {name: {} for name in given} if isinstance(given, list | tuple) else given


Activities = Annotated[
    dict[Activity, ActivityRules], BeforeValidator(_by_activity), Field(min_length=1)
]
"""The activities with their rules; a plain list of names is one without particular rules."""


class Area(Value):
    """What a solution area accepts at entry (domain.md §3.1-3.3).

    ``subscription`` says whether a claim always names its subscriptions, or only where the customer
    has several for the product; ``claimable_after`` how long a new one can't be claimed.
    ``exclusive`` says whether a subscription has one partner for each activity, or one for all
    (§3.2, last paragraph).
    """

    activities: Activities
    occupied: Literal["arbitration", "refused"]
    exclusive: Literal["activity", "subscription"] = "activity"
    channels_refused: tuple[Channel, ...] = ()
    domain: Literal["required", "optional"]
    technical_contact: Literal["required", "optional"]
    acknowledgement: Literal["required", "optional"] = "optional"
    payment_opt_out: Literal["offered", "refused"] = "offered"
    subscription: Literal["always", "when_several"] = "always"
    claimable_after: Length | None = None


class Editing(Value):
    """In which states what may be changed about a submitted claim, and said (domain.md §4.2)."""

    location: tuple[ClaimState, ...] = ()
    products: tuple[ClaimState, ...] = ()
    contacts: tuple[ClaimState, ...] = ()
    comments_of_partner: tuple[ClaimState, ...] = ()
    comments_of_reviewer: tuple[ClaimState, ...] = ()


class Ending(Value):
    """How a partner gives an approved association back (domain.md §4.2, row 12)."""

    by_partner: Literal["disassociate", "reviewer_rejects"] = "disassociate"


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


class Arbitration(Value):
    """How long an incumbent has to answer a challenge, and whether the decision waits for it (§5).

    A policy without it was adopted before incumbents were told.
    """

    incumbent_answer: Length
    waits: bool


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
    """One policy, whole. ``sources`` says for each value where it comes from.

    ``documented_until`` is up to when its sources reach: after that it is followed for want of
    another (domain.md §14.14).
    """

    policy: Id
    title: Text
    in_force_from: Instant | None = None
    documented_until: Instant | None = None
    calendar: Id
    areas: dict[SolutionArea, Area]
    claiming: Claiming = Claiming()
    review: Review
    consent: Consent
    dispute: Dispute
    arbitration: Arbitration | None = None
    proof: ProofRules
    editing: Editing = Editing()
    ending: Ending = Ending()
    sources: dict[str, Text] = Field(default_factory=dict)

    def gap_note(self, at_us: int) -> str | None:
        """What to say of a claim of that instant when the policy's sources end before it."""
        if self.documented_until is None or at_us < to_us(self.documented_until):
            return None
        day = self.documented_until.date()
        return (
            f"{self.policy} is documented only until {day}; it is followed for want of another"
            " (domain.md §14.14)"
        )


def parse(content: dict[str, Any]) -> Policy:
    """The policy that a content states; ``BadInputError`` names key, value and what is allowed."""
    try:
        return Policy.model_validate(content)
    except ValidationError as error:
        raise _bad(error) from error


def builtin_text(name: str) -> str:
    """The file of a shipped policy as it stands, sources and all."""
    builtin(name)  # says so where there is none
    return _file(name.lower()).read_text("utf-8")


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
    text = _file(stem).read_text("utf-8")
    content: dict[str, Any] = orjson.loads(orjson.dumps(tomllib.loads(text)))
    return content


def _file(stem: str) -> Traversable:
    return files("ledger.rules").joinpath("policies", f"{stem}.toml")


def _bad(error: ValidationError) -> BadInputError:
    first = wrong_value(error.errors(include_url=False)[0])
    more = error.error_count() - 1
    return BadInputError(
        f"In the policy, {first}" + (f" {more} more like it." if more else ""),
        hint="Compare with a shipped policy: `attribution policy show P2023 --toml`.",
        code="bad_policy",
    )
