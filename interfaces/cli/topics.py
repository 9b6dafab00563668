"""The topics of a ledger on Kafka: made with settings that never forget, and checked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from interfaces.cli.settings import Settings, with_settings
from ledger.errors import BadInputError

if TYPE_CHECKING:
    from ledger.cluster.place import Place
    from ledger.cluster.topics import Topic

app = typer.Typer(rich_markup_mode=None)

PlaceArgument = Annotated[
    str | None,
    typer.Argument(metavar="PLACE", help="kafka://HOST:PORT/PREFIX (else as --ledger says)."),
]
_COLUMNS = ("topic", "partitions", "replicas", "cleanup", "id")


@app.command("create")
@with_settings
def create(
    settings: Settings,
    where: PlaceArgument = None,
    *,
    replicas: Annotated[
        int | None, typer.Option(min=1, help="Copies of each record (else 3, or all brokers).")
    ] = None,
    usage_partitions: Annotated[
        int, typer.Option(min=1, max=256, help="Partitions of the usage topic.")
    ] = 6,
) -> None:
    """Make the topics that are missing, then check all."""
    from ledger.cluster.topics import create as make

    made = make(place_of(settings, where), replicas=replicas, usage_partitions=usage_partitions)
    _show(settings, made)


@app.command("check")
@with_settings
def check(settings: Settings, where: PlaceArgument = None) -> None:
    """Check that no topic could forget; the first setting that is wrong is named."""
    from ledger.cluster.topics import check as checked

    _show(settings, checked(place_of(settings, where)))


def place_of(settings: Settings, where: str | None) -> Place:
    """The place that is meant; raises ``BadInputError`` where a folder is."""
    from interfaces.nodes import node_folder
    from ledger.cluster.link import settings_file
    from ledger.cluster.place import is_place, place

    text = where or str(settings.named)
    if not is_place(text):
        raise BadInputError(
            f"{text!r} is no address of a ledger on Kafka.",
            hint="Write kafka://HOST:PORT/PREFIX.",
            code="bad_place",
        )
    found = place(text)
    return found._replace(settings=settings_file(node_folder(found.url)))


def _show(settings: Settings, topics: list[Topic]) -> None:
    rows: list[dict[str, Any]] = [
        {
            "topic": topic.name,
            "partitions": topic.partitions,
            "replicas": topic.replicas,
            "cleanup": topic.settings.get("cleanup.policy"),
            "id": topic.id,
        }
        for topic in topics
    ]
    settings.output.rows(_COLUMNS, rows, empty="There is no topic.")
