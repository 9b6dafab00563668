"""Hypothesis strategies for all that the contract can say: its values and its events.

``values(kind)`` follows type annotations, so a new field or event needs nothing here; only types
whose rule is a function (texts, instants, adopted content) are spelled out.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from enum import EnumType
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from annotated_types import Ge, Le, MaxLen, MinLen
from hypothesis import strategies as st
from pydantic import StringConstraints

from schemas.directory import ScopePlaced
from schemas.disputes import ArbitrationDecided
from schemas.envelope import Attributes
from schemas.event import Event
from schemas.subscriptions import SubscriptionEnded, SubscriptionMoved
from schemas.time import to_us
from schemas.tracking import TrackingId
from schemas.values import (
    Comment,
    Content,
    Domain,
    Id,
    Instant,
    SlotName,
    TenantId,
    Text,
    Value,
)

MOST_ITEMS = 4
GREATEST_INT = 2**63 - 1

E_MAIL = "jo.doe@contoso.example"
"""What must never be found in a tag."""

# Fillers show nothing, whatever their category says; beyond the last plane of letters lie tags.
_READABLE = st.characters(
    max_codepoint=0xDFFFF,
    exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp"),
    exclude_characters="\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0",
)


def texts(longest: int) -> st.SearchStrategy[str]:
    """Printable lines of at most ``longest`` characters, often an e-mail address."""
    free = st.text(_READABLE, min_size=1, max_size=longest).map(str.strip).filter(bool)
    return st.just(E_MAIL) | free


def _zone(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


# A day short of the calendar's ends, so that each has a spelling in UTC.
instants = st.datetimes(
    datetime(1, 1, 2),  # noqa: DTZ001  hypothesis wants naive bounds beside ``timezones``
    datetime(9999, 12, 30),  # noqa: DTZ001
    timezones=st.just(UTC) | st.integers(-14 * 60, 14 * 60).map(_zone),
)

instants_us = instants.map(to_us)

tenants = st.uuids().map(str)

_label = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?", fullmatch=True)
domains = st.builds("{}.{}".format, _label, st.sampled_from(["example", "co.uk", "xn--p1ai"]))

_json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | texts(20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(string.printable), inner, max_size=3)
    ),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(_READABLE), _json_values, max_size=4)

# A few names come again and again, so that events hold repeats to be dropped.
ids = st.sampled_from(["101", "201", "claim-a-1"]) | st.from_regex(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", fullmatch=True
)
slots = st.sampled_from(["dpor:s-1", "csp:s-1"]) | st.from_regex(
    r"[a-z]+(:[A-Za-z0-9._-]{1,64}){1,3}", fullmatch=True
)

_SPELLED_OUT: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Id, ids),
    (SlotName, slots),
    (Text, texts(200)),
    (Comment, texts(300)),
    (Instant, instants),
    (TrackingId, tenants | tenants.map("pid-{}".format) | tenants.map(str.upper)),
    (TenantId, tenants | tenants.map(str.upper)),
    (Domain, domains | domains.map(str.upper)),
    (Content, json_objects),
    (bool, st.booleans()),
    (int, st.integers(-GREATEST_INT, GREATEST_INT)),
    (str, st.text(_READABLE, max_size=40)),
    (date, st.dates()),
    (datetime, instants),
    (type(None), st.none()),
]


def values(kind: Any, *limits: Any) -> st.SearchStrategy[Any]:
    """Every value that a field annotated ``kind`` takes, within the ``limits`` of its field."""
    for known, strategy in _SPELLED_OUT:
        if kind == known and not limits:
            return strategy
    if isinstance(kind, EnumType):
        return st.sampled_from(list(kind))
    if isinstance(kind, type) and issubclass(kind, Value):
        return models(kind)
    return _BY_ORIGIN[get_origin(kind) or kind](kind, limits)


def _constrained(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    inner, *found = get_args(kind)
    return values(inner, *found, *limits)


def _one_of(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.one_of(
        *(values(part, *limits) for part in get_args(kind) if part is not type(None)),
        *([st.none()] if type(None) in get_args(kind) else []),
    )


def _tuple_of(kind: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    least = max((limit.min_length for limit in limits if isinstance(limit, MinLen)), default=0)
    most = min((limit.max_length for limit in limits if isinstance(limit, MaxLen)), default=9)
    items = values(get_args(kind)[0])
    return st.lists(items, min_size=least, max_size=min(most, MOST_ITEMS)).map(tuple)


def _matching(_: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    (rule,) = (limit for limit in limits if isinstance(limit, StringConstraints))
    # In Python a closing $ also lets a line feed through, which the models do not.
    pattern = re.compile(str(rule.pattern).removesuffix("$"), re.ASCII)
    longest = rule.max_length or 8192
    return st.from_regex(pattern, fullmatch=True).filter(lambda text: len(text) <= longest)


def _bounded(_: Any, limits: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    limits = tuple(part for limit in limits for part in getattr(limit, "metadata", [limit]))
    least = max((int(str(limit.ge)) for limit in limits if isinstance(limit, Ge)), default=None)
    most = min((int(str(limit.le)) for limit in limits if isinstance(limit, Le)), default=None)
    return st.integers(least, most)


_BY_ORIGIN: dict[Any, Callable[[Any, tuple[Any, ...]], st.SearchStrategy[Any]]] = {
    Annotated: _constrained,
    UnionType: _one_of,
    Union: _one_of,
    Literal: lambda kind, _: st.sampled_from(get_args(kind)),
    tuple: _tuple_of,
    str: _matching,
    int: _bounded,
}


@cache
def models(model: type[Value]) -> st.SearchStrategy[Any]:
    """Every instance of a model of the contract; optional fields are often left out."""
    hints = get_type_hints(model, include_extras=True)
    required: dict[str, st.SearchStrategy[Any]] = {}
    optional: dict[str, st.SearchStrategy[Any]] = {}
    for name, field in model.model_fields.items():
        lengths = [limit for limit in field.metadata if isinstance(limit, (MinLen, MaxLen))]
        own = lengths if get_origin(hints[name]) is tuple else []
        (required if field.is_required() else optional)[name] = values(hints[name], *own)
    filled = st.fixed_dictionaries(required, optional=optional)
    return filled.map(lambda fields: model(**fields))


def events(model: type[Event]) -> st.SearchStrategy[Any]:
    """Every event of a type; different claims are named where several are, one scope is placed."""
    if model is ArbitrationDecided:
        return models(model).filter(_sides_differ)
    if model in (SubscriptionEnded, SubscriptionMoved):
        return models(model).filter(_each_claim_once)
    if model is ScopePlaced:
        return _placements
    return models(model)


def _sides_differ(decided: ArbitrationDecided) -> bool:
    claims = [side.claim for side in (decided.challenger, *decided.incumbents)]
    return len(set(claims)) == len(claims)


def _each_claim_once(ended: SubscriptionEnded | SubscriptionMoved) -> bool:
    claims = [one.claim for one in ended.claims or ()]
    return len(set(claims)) == len(claims)


_placed = st.fixed_dictionaries({"subscription": ids}) | st.fixed_dictionaries(
    {"management_group": ids}
)
_placements = st.builds(
    lambda tenant, placed, parent: ScopePlaced(tenant=tenant, parent=parent, **placed),
    tenants,
    _placed,
    st.none() | ids,
)

attributes = st.builds(
    Attributes,
    type=st.text(_READABLE, min_size=1, max_size=40),
    tags=st.lists(st.text(_READABLE, min_size=1, max_size=40), max_size=6).map(tuple),
    effective_at_us=st.just(0) | instants_us,
    actor=st.text(_READABLE, max_size=20),
    command_id=st.text(_READABLE, max_size=20),
    command_hash=st.text("0123456789abcdef", min_size=64, max_size=64) | st.just(""),
    causation=st.integers(0, GREATEST_INT),
    correlation=st.text(_READABLE, max_size=20),
)
"""Attributes of events, those of opaque ledgers with any texts included."""
