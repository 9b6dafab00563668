"""Each thing that would be otherwise, with the event that explains it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from interfaces.line_differences import differences
from interfaces.times import spelled
from interfaces.workspace import Workspace
from ledger.supposing.replay import Fate, Replayed
from ledger.supposing.supposition import Supposition

Row = dict[str, Any]


class Picture(NamedTuple):
    """Levels by programme and organisation, and lines of earnings by organisation and key."""

    levels: dict[tuple[str, str], Row]
    lines: dict[tuple[str, ...], Row]


class Why:
    """Which event explains a change."""

    def __init__(
        self, real: Workspace, scratch: Workspace, what: Supposition, replayed: Replayed
    ) -> None:
        self._real, self._scratch, self._what, self._replayed = real, scratch, what, replayed
        (stored,) = real.reader.find(after=what.position - 1, limit=1)
        self._type = stored.type
        self._by_tag: dict[str, int] = {}
        for position in sorted(self._told()):
            for tag in replayed.fates[position].tags:
                self._by_tag.setdefault(tag, position)

    def _told(self) -> list[int]:
        """The events that are otherwise, not only carried over."""
        fates = self._replayed.fates
        return [position for position, one in fates.items() if one.became != "carried"]

    def of_rows(self, before: Row | None, after: Row | None) -> Row:
        """What explains one holding: what became of the events that it rested on, or rests on."""
        named = {row[name] for row in (before,) if row for name in ("because", "known_from")}
        for row in (after,):
            named |= (
                {self._origin(row[name]) for name in ("because", "known_from")} if row else set()
            )
        fates = self._replayed.fates
        found = [at for at in named if at in fates and fates[at].became != "carried"]
        if found:
            return self._event(min(found))
        row = after or before or {}
        for tag in (f"slot:{row['slot']}", f"claim:{row['claim']}"):
            if tag in self._by_tag:
                return self._event(self._by_tag[tag])
        return self.supposed()

    def _origin(self, now: int) -> int:
        """The real event of a scratch one; of a deadline's lapse that is new, what started it."""
        started = self._replayed.lapses.get(now, now)
        return self._replayed.origin(started) or 0

    def supposed(self) -> Row:
        """The supposition itself."""
        return {
            "position": self._what.position,
            "type": self._type,
            "became": "supposed",
            "code": None,
            "why": f"Supposed: {self._what.said}.",
        }

    def _event(self, position: int) -> Row:
        row = _fate(self._replayed.fates[position])
        return {name: row[name] for name in ("position", "type", "became", "code", "why")}

    def events(self) -> list[Row]:
        """Every event that is otherwise, and every deadline that lapses only here."""
        fates = self._replayed.fates
        rows = [_fate(fates[position]) for position in sorted(self._told())]
        for now, started in self._replayed.lapses.items():
            (stored,) = self._scratch.reader.find(after=now - 1, limit=1)
            rows.append(
                {
                    "about": "event",
                    "became": "lapsed",
                    "position": None,
                    **spelled({"type": stored.type, "recorded_at_us": stored.recorded_at_us}),
                    "actor": "clock",
                    "code": None,
                    "why": f"What event {self._replayed.origin(started)} waits for never comes.",
                }
            )
        return rows

    def carried(self) -> list[Row]:
        """Every event that was not decided again."""
        fates = self._replayed.fates.values()
        return [_fate(one) for one in fates if one.became == "carried"]


def _fate(one: Fate) -> Row:
    told = spelled(one._asdict())
    return {
        "about": "event",
        **{name: told[name] for name in ("became", "position", "type", "recorded_at", "actor")},
        "code": one.code or None,
        "why": one.why,
    }


_SAME = ("kind", "slot", "partner", "claim", "scope", "role")
_TELLING = (
    "kind",
    "slot",
    "tenant",
    "subscription",
    "workload",
    "partner",
    "organisation",
    "claim",
)


def holding_changes(gone: list[Row], come: list[Row], why: Why) -> list[Row]:
    """What goes and what comes; where one partner holds other dates, both sides of that."""
    waiting: dict[tuple[Any, ...], list[Row]] = {}
    for row in come:
        waiting.setdefault(tuple(row[name] for name in _SAME), []).append(row)
    found = []
    for row in gone:
        others = waiting.get(tuple(row[name] for name in _SAME))
        found.append(_holding(row, others.pop(0) if others else None, why))
    found += [_holding(None, row, why) for rows in waiting.values() for row in rows]
    return sorted(found, key=lambda row: (row["slot"], row["partner"], str(row["before"])))


def _holding(before: Row | None, after: Row | None, why: Why) -> Row:
    row = before or after or {}
    change = "lost" if after is None else "gained" if before is None else "other dates"
    return {
        "about": "holding",
        "change": change,
        **{name: row[name] for name in _TELLING},
        "before": _interval(before),
        "after": _interval(after),
        **why.of_rows(before, after),
    }


def _interval(row: Row | None) -> Row | None:
    if row is None:
        return None
    told = spelled({name: row[name] for name in ("effective_from", "effective_to")})
    return {"since": told["effective_from"], "until": told["effective_to"]}


def level_changes(before: Picture, after: Picture, held: list[Row], why: Why) -> Iterator[Row]:
    """Every level or number of points that is another, with the holding behind it."""
    for key in sorted(before.levels.keys() | after.levels.keys()):
        one, other = before.levels.get(key), after.levels.get(key)
        if not _alike(one, other):
            programme, organisation = key
            about = {"programme": programme, "organisation": organisation}
            cause = _cause(held, why, [{"organisation": organisation}])
            yield {"about": "level", **about, "before": one, "after": other, **cause}


def _alike(one: Row | None, other: Row | None) -> bool:
    """Whether nobody would call it another level: nothing reached is as good as no figure."""
    if one and other:
        return one == other
    there: Row = one or other or {}
    return there["level"] is None and there["points"] == "0"


def line_changes(before: Picture, after: Picture, held: list[Row], why: Why) -> list[Row]:
    """Every value of a line of earnings that is another, with the holding behind it."""
    found = []
    for key in sorted(before.lines.keys() | after.lines.keys()):
        one, other = before.lines.get(key), after.lines.get(key)
        if one == other:
            continue
        line: Mapping[str, Any] = one or other or {}
        near = [{"claim": line["claim"]}] if line["claim"] else []
        near += [
            {"tenant": line["tenant"], "workload": line["workload"]},
            {"organisation": key[0]},
        ]
        cause = _cause(held, why, near)
        found += [
            {"about": "earning", "organisation": key[0], **row, **cause}
            for row in differences(one, other, money=True)
        ]
    return found


def _cause(held: list[Row], why: Why, near: list[Row]) -> Row:
    """The event of the holding that is nearest to what changed; else what was supposed."""
    for wanted in near:
        for row in held:
            if all(row[name] == value for name, value in wanted.items()):
                return {name: row[name] for name in ("position", "type", "became", "code", "why")}
    return why.supposed()
