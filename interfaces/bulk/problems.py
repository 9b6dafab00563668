"""What is wrong with a line of commands: field, value, the reason and what to do next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from ledger.errors import AttributionError

_LONGEST_VALUE = 120

Place = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing wrong with a command. ``field`` is its path in the line, '' for the whole line."""

    code: str
    message: str
    hint: str = ""
    field: str = ""
    value: str = ""


def of_error(error: AttributionError, field: str = "", value: Any = None) -> Problem:
    """An error of ours as the problem of a line."""
    return Problem(error.code, error.message, error.hint, field, shown(value))


def shown(value: Any) -> str:
    """A value as the user wrote it in JSON, shortened; '' for none."""
    if value is None:
        return ""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def unknown_field(name: str, known: Sequence[str], where: str, field: str, value: Any) -> Problem:
    """A field nobody knows, with those that look like it."""
    near = get_close_matches(name, known, n=2, cutoff=0.6)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"It has: {', '.join(known)}."
    message = f"{where} has no field {name!r}."
    return Problem("unknown_field", message, hint, field, shown(value))


def of_validation(
    error: ValidationError, model: type[BaseModel], name: str, example: Mapping[str, Any]
) -> tuple[Problem, ...]:
    """Every reason for which ``model``, the command ``name``, can't be read, field by field.

    ``example`` is a good one: what it holds in the same place is shown as advice.
    """
    return tuple(_problem(each, model, name, example) for each in error.errors(include_url=False))


def _problem(
    found: ErrorDetails, model: type[BaseModel], name: str, example: Mapping[str, Any]
) -> Problem:
    place: Place = found["loc"]
    field = path(place)
    if found["type"] == "extra_forbidden":
        known = list(_fields(model, place[:-1]))
        where = f"{name}, in {path(place[:-1])}," if len(place) > 1 else name
        return unknown_field(str(place[-1]), known, where, field, found["input"])
    advice = _advice(found, name, _example_at(example, place))
    if found["type"] == "missing":
        return Problem("missing_field", f"{name} needs {field}.", advice, field)
    code = "bad_value" if place else "bad_command"
    return Problem(code, _message(found, field or name), advice, field, shown(found["input"]))


def path(place: Place) -> str:
    """Where in the line a value stands.

    >>> path(("proof", "documents", 0, "title"))
    'data.proof.documents[0].title'
    """
    if not place:
        return ""
    return "data" + "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in place)


def _message(found: ErrorDetails, field: str) -> str:
    if found["type"] == "string_pattern_mismatch":
        return f"{field} is not well formed."
    if found["type"] == "value_error":
        return f"{field}: {found['msg'].removeprefix('Value error, ').rstrip('.')}."
    says = found["msg"]
    says = says.replace("Input should be", "should be").replace("String should", "should")
    says = says.replace("Tuple should", "should").replace(" after validation", "")
    return f"{field} {says[:1].lower()}{says[1:]}."


def _advice(found: ErrorDetails, name: str, example: Any) -> str:
    context = found.get("ctx", {})
    near = _near(found["input"], str(context.get("expected", "")))
    if near:
        return f"Did you mean {near}?"
    if found["type"].startswith("date_"):
        return "Write a date that exists, like 2020-07-03."
    if found["type"].startswith("datetime_"):
        return "Write an instant that exists, like 2020-07-03T09:00:00Z."
    if example is not None:
        return f"Write it like {shown(example)}."
    return f"`attribution commands {name}` shows its fields and an example."


def _near(given: Any, expected: str) -> str:
    """The allowed word that looks like the given one, '' when none does."""
    if not isinstance(given, str):
        return ""
    allowed = expected.replace(" or ", ", ").replace("'", "").split(", ")
    return next(iter(get_close_matches(given, allowed, n=1, cutoff=0.6)), "")


def _example_at(example: Any, place: Place) -> Any:
    for at in place:
        if isinstance(example, Mapping) and at in example:
            example = example[at]
        elif isinstance(example, list) and isinstance(at, int) and example:
            example = example[0]
        else:
            return None
    return example


def _fields(model: type[BaseModel], place: Place) -> Iterator[str]:
    """The names of the fields of the model that stands at ``place``."""
    for at in place:
        if isinstance(at, str) and at in model.model_fields:
            inner = _model_in(model.model_fields[at].annotation)
            if inner is None:
                return
            model = inner
    yield from model.model_fields


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_model_in, get_args(annotation))), None)
