"""The AsyncAPI 3.1 document of the topics of a ledger on Kafka, made from the models.

Says for each topic what its records are: headers, key and value, with the schema of every type. The
values' schemas are the files in ``schemas/json``, which it refers to.
"""

from __future__ import annotations

from typing import Any

from schemas.catalogue import EVENTS, UPCASTS
from schemas.cloud_event import schema_urn
from schemas.cloud_event_kafka import CONTENT_TYPE, PREFIX
from schemas.envelope import Envelope
from schemas.holders_topic import PUBLISHER_HEADER, REACH_KEY
from schemas.usage import UsageIncrement

VERSION = "1.0.0"
"""Of what the topics promise; a change that a reader must follow raises its first number."""

SLOT_HOLDERS, REACH = "holders.slot.v1", "holders.reach.v1"
"""Names of the schemas of the topic of holders."""

RELAY_HEADER = "attribution_relay"
"""The relays' own header on the topic of events."""

_BINDING = {"bindingVersion": "0.5.0"}
_DRAFT = "application/schema+json;version=draft-2020-12"
_NEVER_FORGETS = {"cleanup.policy": ["delete"], "retention.ms": -1, "retention.bytes": -1}
_JSON = "application/json"
_ABSENT = {"data", "data_base64", "datacontenttype"}

Json = dict[str, Any]


def document() -> Json:
    """The whole document as plain JSON values."""
    messages = {
        "commit": _commit(),
        "slotHolders": _slot_holders(),
        "reach": _reach(),
        "usageIncrement": _usage_increment(),
        "usageStatements": _usage_statements(),
        "wrappedKey": _wrapped_key(),
    }
    promises = {event.TYPE: (event.__doc__ or "").strip().partition("\n")[0] for event in EVENTS}
    promises |= dict.fromkeys(UPCASTS, "An older version, as it was written; it stays in the log.")
    events = sorted(promises)
    messages |= {name: _event(name, promises[name]) for name in events}
    channels = {
        "chain": _channel("chain", _CHAIN, ["commit"], 1, _NEVER_FORGETS),
        "events": _channel("events", _EVENTS, events, 1, _NEVER_FORGETS),
        "usage": _channel(
            "usage", _USAGE, ["usageIncrement", "usageStatements"], None, _NEVER_FORGETS
        ),
        "holders": _channel(
            "holders", _HOLDERS, ["slotHolders", "reach"], 1, {"cleanup.policy": ["compact"]}
        ),
        "keys": _channel("keys", _KEYS, ["wrappedKey"], 1, {"cleanup.policy": ["compact"]}),
    }
    return {
        "asyncapi": "3.1.0",
        "id": "urn:attribution:asyncapi",
        "info": {
            "title": "Attribution ledger",
            "version": VERSION,
            "description": _ABOUT,
        },
        "defaultContentType": _JSON,
        "servers": {
            "cluster": {
                "host": "{host}:{port}",
                "protocol": "kafka",
                "variables": {"host": {"default": "localhost"}, "port": {"default": "9092"}},
            }
        },
        "channels": channels,
        "operations": {
            f"send{name.capitalize()}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{name}"},
                "summary": summary,
            }
            for name, summary in _SENDERS.items()
        },
        "components": {
            "messages": messages,
            "schemas": {"eventHeaders": _event_headers()},
        },
    }


_ABOUT = (
    "Who did the work at a customer, since when, as known when: the topics of one ledger, under one"
    " prefix. Subscribers read `events` and `holders`; `usage` needs the decisions on `events` to"
    " mean anything; `chain` and `keys` are the ledger's own. The rules for readers stand in"
    " docs/subscribe.md, docs/usage_topic.md and docs/chain.md."
)

_CHAIN = "Commits, in the ledger's own bytes (docs/chain.md). Internal: who writes here decides."
_EVENTS = "Every accepted event once, in order; take a record only if ce_position == last + 1."
_USAGE = "Usage rows, which count only by a decision that names them (docs/usage_topic.md)."
_HOLDERS = "Who holds each slot now. Key: the slot. A slot that nobody holds has no value."
_KEYS = (
    "Keys of persons and secrets of the ledger, wrapped (docs/kafka_link.md). Internal: it is for"
    " nodes that have the wrapping key. Key: LEDGER/person/ID or LEDGER/secret/NAME; what was"
    " erased has no value."
)

_SENDERS = {
    "chain": "A node commits what it decided.",
    "events": "A relay hands accepted events on.",
    "usage": "A node loads a usage report.",
    "holders": "A publisher says who holds a slot now.",
    "keys": "A node gives a person a key, or tells that one was erased.",
}


def _channel(
    name: str, about: str, messages: list[str], partitions: int | None, settings: Json
) -> Json:
    kafka: Json = {"topicConfiguration": settings, **_BINDING}
    if partitions is not None:
        kafka["partitions"] = partitions
    return {
        "address": f"{{prefix}}.{name}",
        "description": about,
        "parameters": {"prefix": {"default": "attribution"}},
        "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in messages},
        "bindings": {"kafka": kafka},
    }


def _event(type_name: str, promise: str) -> Json:
    told = {
        "ce_type": {"const": type_name},
        "ce_dataschema": {"const": schema_urn(type_name)},
    }
    return {
        "name": type_name,
        "title": type_name,
        "summary": promise,
        "contentType": _JSON,
        "headers": {
            "allOf": [
                {"$ref": "#/components/schemas/eventHeaders"},
                {"type": "object", "properties": told, "required": sorted(told)},
            ]
        },
        "payload": _file(type_name),
        "bindings": _keyed("The customer's tenant; absent where the event is about none."),
    }


def _event_headers() -> Json:
    """Headers of an event: CloudEvents in binary mode, as ``schemas.cloud_event_kafka`` writes."""
    schema = Envelope.model_json_schema(by_alias=True)
    properties = {CONTENT_TYPE: {"type": "string"}}
    for name, found in schema["properties"].items():
        if name not in _ABSENT:
            kinds = [one for one in found.get("anyOf", [found]) if one.get("type") != "null"]
            told = {
                key: value for key, value in kinds[0].items() if key not in ("title", "default")
            }
            properties[f"{PREFIX}{name}"] = told
    properties[RELAY_HEADER] = {"type": "string", "description": "The relays' own; ignore it."}
    required = [f"{PREFIX}{name}" for name in schema["required"] if name not in _ABSENT]
    return {
        "type": "object",
        "properties": properties,
        "required": [CONTENT_TYPE, *required],
    }


def _commit() -> Json:
    return {
        "name": "commit",
        "title": "A commit of 1 to n events",
        "contentType": "application/octet-stream",
        "payload": {"type": "string", "format": "binary"},
    }


def _wrapped_key() -> Json:
    texts = {name: {"type": "string"} for name in ("by", "box")}
    properties = {
        "v": {"const": 1},
        "by": texts["by"] | {"description": "Which wrapping key: the start of its hash."},
        "box": texts["box"] | {"description": "Base64: nonce and AES-256-GCM ciphertext."},
    }
    return {
        "name": "wrappedKey",
        "title": "A wrapped key",
        "contentType": _JSON,
        "payload": {"type": "object", "properties": properties, "required": sorted(properties)},
        "bindings": _keyed("LEDGER/person/ID or LEDGER/secret/NAME."),
    }


def _slot_holders() -> Json:
    return {
        "name": "slotHolders",
        "title": "Who holds a slot",
        "contentType": _JSON,
        "headers": _publisher_headers(),
        "payload": _file(SLOT_HOLDERS),
        "bindings": _keyed("The slot, such as `dpor:SUBSCRIPTION`."),
    }


def _reach() -> Json:
    bindings = _keyed("No slot: the record that says how far the topic is.")
    bindings["kafka"]["key"]["const"] = REACH_KEY
    return {
        "name": "reach",
        "title": "How far the topic is",
        "contentType": _JSON,
        "headers": _publisher_headers(),
        "payload": _file(REACH),
        "bindings": bindings,
    }


def _publisher_headers() -> Json:
    own = {"type": "string", "description": "The publishers' own: name, position, round."}
    names = [CONTENT_TYPE, PUBLISHER_HEADER]
    return {
        "type": "object",
        "properties": {CONTENT_TYPE: {"const": _JSON}, PUBLISHER_HEADER: own},
        "required": names,
    }


def _usage_increment() -> Json:
    return {
        "name": UsageIncrement.TYPE,
        "title": "One increment of one metric",
        "contentType": _JSON,
        "headers": _usage_headers(UsageIncrement.TYPE, _JSON),
        "payload": _file(UsageIncrement.TYPE),
        "bindings": _keyed("The subscription, else the tenant."),
    }


def _usage_statements() -> Json:
    return {
        "name": "usage.statements.v1",
        "title": "What a report says, for ledgers",
        "contentType": "text/tab-separated-values",
        "headers": _usage_headers("usage.statements.v1", "text/tab-separated-values"),
        "payload": {"type": "string"},
    }


def _usage_headers(type_name: str, content_type: str) -> Json:
    properties = {
        "ce_id": {"type": "string", "pattern": "^[^/]+/[0-9]+/[0-9]+$"},
        "ce_specversion": {"const": "1.0"},
        "ce_source": {"type": "string", "pattern": "^urn:attribution:ledger:"},
        "ce_type": {"const": type_name},
        CONTENT_TYPE: {"const": content_type},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _file(name: str) -> Json:
    return {"schemaFormat": _DRAFT, "schema": {"$ref": f"json/{name}.schema.json"}}


def _keyed(about: str) -> Json:
    return {"kafka": {"key": {"type": "string", "description": about}, **_BINDING}}
