"""The small values that events and commands are made of, each checked where it enters.

Identifiers, texts, instants, slots and sealed contacts, with the limits that keep a log readable:
no control characters, no direction marks, bounded lengths.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any

import orjson
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)
from pydantic_core import to_json

# C0, DEL, C1 controls; line and paragraph separators; what is invisible (soft hyphens, zero widths,
# fillers, tags) or turns the direction, and so can make a text look like another.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def _safe_text(text: str) -> str:
    found = _UNSAFE.search(text)
    if found:
        raise ValueError(
            f"holds the unprintable character U+{ord(found.group()):04X} at place "
            f"{found.start() + 1}; write it without control or direction characters"
        )
    return text


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("names no time zone; write it like 2020-07-01T09:00:00Z")
    try:
        return instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("lies outside the years 1 to 9999 in UTC; write a later one") from None


def _plain_json(content: Any) -> Any:
    return orjson.loads(to_json(content, inf_nan_mode="constants"))


# What is stored is lower case; the models take any case and lower it, which pydantic does only
# after it has matched the pattern.
_GUID = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
_DOMAIN = r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{1,59})$"


def _any_case(pattern: str) -> str:
    return f"(?i-u){pattern}"


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""An identifier of the ledger's own: letters, digits, point, hyphen, underscore; no e-mail."""

TenantId = Annotated[
    str,
    StringConstraints(to_lower=True, pattern=_any_case(_GUID)),
    WithJsonSchema({"type": "string", "pattern": _GUID}),
]
"""A customer's directory id, a GUID; kept in lower case."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code."""

Domain = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=253, pattern=_any_case(_DOMAIN)),
    WithJsonSchema({"type": "string", "maxLength": 253, "pattern": _DOMAIN}),
]
"""A DNS domain; kept in lower case."""

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
"""The hexadecimal SHA-256 of a document that is kept outside the log."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_safe_text),
]
"""A line for people: 1 to 200 printable characters."""

Comment = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_safe_text),
]
"""A remark for people: 1 to 2,000 printable characters on one line."""

Instant = Annotated[datetime, AfterValidator(_utc)]
"""An aware datetime, kept in UTC."""

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
"""A lower-case name out of one of the ledger's tables: a workload, a product."""

SlotName = Annotated[str, StringConstraints(pattern=r"^[a-z]+(:[A-Za-z0-9._-]{1,64})+$")]
"""The name of a place that one partner holds, such as ``cpor:m365:<tenant>:teams``."""


Count = Annotated[int, Field(ge=0, le=9_007_199_254_740_991)]
"""A whole number from 0 to 2^53 - 1, the greatest that every JSON reader keeps exactly."""

Content = Annotated[dict[str, Any], BeforeValidator(_plain_json)]
"""The content of an adopted file as plain JSON, as it is read back (a date becomes its text)."""


class Value(BaseModel):
    """A frozen value; unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Sealed(Value):
    """A person's contact data, encrypted under a key of that person (DESIGN §8).

    ``key`` names the key in the key store; ``box`` is base64 of nonce and AES-256-GCM ciphertext.
    Destroying the key erases the contact while every hash over the ciphertext still verifies.
    """

    key: Id
    box: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]+={0,2}$", max_length=8192)]


class Activity(StrEnum):
    """What a CPOR claim says the partner did (domain.md §3.1)."""

    USAGE = "usage"
    PRE_SALES = "pre_sales"
    REVENUE = "revenue"


class SolutionArea(StrEnum):
    """The solution area of a CPOR claim (domain.md §3.1)."""

    MICROSOFT_365 = "microsoft_365"
    BUSINESS_APPLICATIONS = "business_applications"


class ConsentMode(StrEnum):
    """How a customer's consent is reached (DESIGN §6)."""

    OPT_OUT_WINDOW = "opt_out_window"
    DECLINE_ANY_TIME = "decline_any_time"
    EXPLICIT = "explicit"


class Deficiency(StrEnum):
    """What a reviewer may find missing in a proof of execution (domain.md §3.4)."""

    ALL_MISSING = "all_missing"
    ACKNOWLEDGEMENT_MISSING = "acknowledgement_missing"
    DATES_MISSING_OR_OLD = "dates_missing_or_old"
    SERVICE_DESCRIPTION_MISSING = "service_description_missing"
    PRODUCT_MISSING = "product_missing"


class ProofElement(StrEnum):
    """The parts of a proof of execution that the template asks for (domain.md §3.4)."""

    IDENTITIES = "identities"
    CUSTOMER_ACKNOWLEDGEMENT = "customer_acknowledgement"
    ACTIVITIES = "activities"
    WORKLOADS = "workloads"
    PUBLIC_SECTOR_DISCLOSURE = "public_sector_disclosure"


class Document(Value):
    """One document of a proof, by its hash; the document itself stays outside the log."""

    title: Text
    sha256: Sha256


class Proof(Value):
    """A proof of execution as delivered: documents by hash, elements and dates as fields (§3.4)."""

    documents: tuple[Document, ...] = Field(min_length=1, max_length=20)
    elements: tuple[ProofElement, ...] = Field(max_length=10)
    acknowledged_on: date | None = None


class Imported(Value):
    """Where a fact of an imported estate was found: a file by its hash, and the line in it.

    ``as_of`` is the day for which the file was taken as true.
    """

    source: Text
    sha256: Sha256
    line: Count
    as_of: date


class Slot(Value):
    """A place a claim asks for: its name and what it stands for (DESIGN §6)."""

    slot: SlotName
    workload: Slug | None = None
    subscription: Id | None = None
