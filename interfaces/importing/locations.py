"""Whose an association is where a file names the organisation alone."""

from __future__ import annotations

import sqlite3

from interfaces.importing.stated import Stated, Told
from projections import party_queries


def at_locations(told: Told, views: sqlite3.Connection) -> Told:
    """What the file tells, at the one location of an organisation that has no other.

    The Business Applications files name no location; where an organisation has several, which of
    them is meant is left to a person.
    """
    only: dict[str, str] = {}
    for organisation in {one.organisation for one in told.stated if not one.partner}:
        found = party_queries.locations(views, organisation=organisation)
        living = [row["location"] for row in found if row["deleted_us"] is None]
        only[organisation] = living[0] if len(living) == 1 else ""
    return told._replace(stated=tuple(_at(one, only) for one in told.stated))


def _at(one: Stated, only: dict[str, str]) -> Stated:
    return one if one.partner else one._replace(partner=only[one.organisation])
