"""Writes the JSON Schema of every type, and the AsyncAPI document, and notices when they drift.

``python -m schemas.generate`` writes ``schemas/json`` and ``schemas/asyncapi.json``; with
``--check`` it writes nothing and exits 1 when a file differs from what the models say. Schemas of
older released versions have no model any more; they are frozen: written once, held by their hash.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from pydantic import BaseModel

from schemas import asyncapi
from schemas.catalogue import EVENTS
from schemas.cloud_event import schema_urn
from schemas.envelope import Envelope
from schemas.holders_topic import Reach, SlotHolders
from schemas.usage import UsageIncrement

FOLDER = Path(__file__).parent / "json"
ASYNCAPI = Path(__file__).with_name("asyncapi.json")
DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMMAND = "python -m schemas.generate"

FROZEN: dict[str, str] = {
    "customer.registered.v1": "8fe614d4bc672ddba3d79221da7e525c78706f6bce224129c11e939d632ebbd9",
}
"""Older released types, whose schema files nobody changes: SHA-256 of each file."""


def file_name(type_name: str) -> str:
    """The name of the schema file of a type, inside ``schemas/json``."""
    return f"{type_name}.schema.json"


def schema_bytes(name: str, model: type[BaseModel]) -> bytes:
    """The JSON Schema 2020-12 of a model, as its file holds it: keys sorted, two spaces, LF."""
    schema: dict[str, Any] = model.model_json_schema(by_alias=True)
    schema |= {"$schema": DIALECT, "$id": schema_urn(name)}
    return orjson.dumps(
        schema, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    )


def generated() -> dict[str, bytes]:
    """File name and content of every schema that follows from a model."""
    named: dict[str, type[BaseModel]] = {event.TYPE: event for event in EVENTS}
    named["envelope"] = Envelope
    named[UsageIncrement.TYPE] = UsageIncrement
    named |= {asyncapi.SLOT_HOLDERS: SlotHolders, asyncapi.REACH: Reach}
    return {file_name(name): schema_bytes(name, model) for name, model in named.items()}


def asyncapi_bytes() -> bytes:
    """The AsyncAPI document as its file holds it: in the order of its parts, two spaces, LF."""
    option = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(asyncapi.document(), option=option)


def write(folder: Path = FOLDER) -> list[str]:
    """Writes the files that differ and returns their names; deletes nothing."""
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, content in sorted(generated().items()):
        path = folder / name
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)
            changed.append(name)
    return changed


def drift(folder: Path = FOLDER) -> Iterator[str]:
    """One sentence for each file that is missing, differs or belongs to no type."""
    expected = generated()
    for name, content in sorted(expected.items()):
        path = folder / name
        if not path.exists():
            yield f"{path} is missing; run `{COMMAND}`"
        elif path.read_bytes() != content:
            yield f"{path} differs from its model; run `{COMMAND}` and commit the file"
    frozen = {file_name(type_name): digest for type_name, digest in FROZEN.items()}
    for name, digest in sorted(frozen.items()):
        path = folder / name
        if not path.exists() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
            yield f"{path} is frozen and was changed; run `git checkout -- {path}`"
    for path in sorted(folder.glob("*")):
        if path.name not in expected and path.name not in frozen:
            yield (
                f"{path} belongs to no type; delete it, or, if its type is released, list it as "
                "frozen in schemas/generate.py"
            )


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit code: 0 done, 1 drifted, 2 wrong use."""
    parser = argparse.ArgumentParser(prog=COMMAND, description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 on drift")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="default: schemas/json")
    options = parser.parse_args(arguments)
    whole = options.folder == FOLDER
    if options.check:
        found = list(drift(options.folder))
        if whole and (not ASYNCAPI.exists() or ASYNCAPI.read_bytes() != asyncapi_bytes()):
            found.append(f"{ASYNCAPI} differs from the models; run `{COMMAND}` and commit it")
        for sentence in found:
            sys.stderr.write(f"{sentence}\n")
        return 1 if found else 0
    for name in write(options.folder):
        sys.stdout.write(f"wrote {options.folder / name}\n")
    if whole:
        ASYNCAPI.write_bytes(asyncapi_bytes())
    return 0


if __name__ == "__main__":
    sys.exit(main())
