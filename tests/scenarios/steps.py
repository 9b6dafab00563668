"""What each sentence of a scenario does: README.md lists them for whoever writes scenarios."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from interfaces.bulk.run import LineOutcome, Result
from tests.scenarios import words
from tests.scenarios.features import Scenario, Step
from tests.scenarios.stage import Happened, Stage


class ScenarioError(Exception):
    """A line of a scenario that does not hold or can't be understood, with its place."""


Ask = Callable[..., list[dict[str, Any]] | str]
"""Asks the command line; objects of an answer in JSON, or the text of what it says."""

_AT = rf"(?:(?:at )?(?P<at>{words.INSTANT}),? )?"
_KNOWN = rf"(?:,? as known (?:on (?P<known>{words.INSTANT})|at position (?P<position>\d+)|(?P<before>before)))?"  # noqa: E501
_ON = rf"on (?P<on>{words.INSTANT}){_KNOWN}"

_STEPS_TO: dict[str, tuple[tuple[str, str], ...]] = {
    "submitted": (),
    "under review": (("reviewer", "claim.start_review"),),
    "partner action required": (
        ("reviewer", "claim.start_review"),
        ("reviewer", "claim.request_action"),
    ),
    "approved": (("reviewer", "claim.start_review"), ("reviewer", "claim.approve")),
    "rejected": (("reviewer", "claim.start_review"), ("reviewer", "claim.reject")),
}


_MORE = r"(?: with (?P<fields>.+))?:?"

Action = Callable[..., None]
SENTENCES: dict[str, tuple[tuple[str, ...], Action]] = {}
"""Each sentence, where it may stand, and what it does; the first that fits is taken."""


def done(sentence: str) -> Callable[[Action], Action]:
    """Makes a method what a sentence after Given or When does."""
    return _take_up(sentence, ("given", "when"))


def seen(sentence: str) -> Callable[[Action], Action]:
    """Makes a method what a sentence after Then requires."""
    return _take_up(sentence, ("then",))


def _take_up(sentence: str, kinds: tuple[str, ...]) -> Callable[[Action], Action]:
    def take_up(action: Action) -> Action:
        SENTENCES[sentence] = (kinds, action)
        return action

    return take_up


class Player:
    """Plays the steps of one scenario on a stage."""

    def __init__(self, stage: Stage, ask: Ask) -> None:
        self.stage, self._ask = stage, ask
        self._happened: Happened | None = None
        self._unchecked = ""
        self._answer: list[dict[str, Any]] | str = []
        self._kind = ""

    def play(self, scenario: Scenario) -> None:
        """Every step in order; a ``ScenarioError`` names the line that does not hold."""
        for step in scenario.steps:
            try:
                self._take(step)
            except (AssertionError, ValueError) as error:
                raise ScenarioError(f"{step.place}: {step.text}\n    {error}") from error
        try:
            self._must_be_checked()
        except AssertionError as error:
            raise ScenarioError(str(error)) from error

    def _take(self, step: Step) -> None:
        self._kind = step.kind
        for sentence, (kinds, action) in SENTENCES.items():
            found = re.fullmatch(sentence, step.text)
            if found and step.kind in kinds:
                action(self, step, **found.groupdict())
                return
        if step.kind == "then":
            raise ValueError("no such outcome; see the sentences in tests/scenarios/README.md")
        raise ValueError("no such step; see the sentences in tests/scenarios/README.md")

    # What is done.

    @done(r"the market")
    def _nothing(self, _: Step) -> None:
        """The market is always there; saying so helps the reader."""

    @done(rf"it is (?P<at>{words.INSTANT})")
    def _now(self, _: Step, at: str) -> None:
        self.stage.now = words.instant(at)

    @done(rf"the clock runs (?:on|at) (?P<at>{words.INSTANT})")
    def _clock(self, _: Step, at: str) -> None:
        self._must_be_checked()
        self.stage.now = words.instant(at)
        before = self.stage.head
        self.stage.clock_runs()
        self._happened = Happened(LineOutcome(0, "", "clock", Result.ACCEPTED), before)

    @done(r"(?:the|a) file (?P<name>[\w.-]+):?")
    def _file(self, step: Step, name: str) -> None:
        (self.stage.files / name).write_text(step.document + "\n", encoding="utf-8")

    @done(rf"{_AT}policy (?P<policy>[\w.-]+)(?: in force from (?P<since>{words.INSTANT}))?")
    def _policy(self, step: Step, at: str | None, policy: str, since: str | None) -> None:
        given = {"builtin": policy} | ({"in_force_from": since} if since else {})
        self._line(step, at, "operator", "policy.adopt", given)

    @done(rf"{_AT}(?P<actor>[\w.-]+): (?P<command>[\w.]+)(?: (?P<fields>.+?))?:?")
    def _command(  # the named parts of the sentence
        self, step: Step, at: str | None, actor: str, command: str, fields: str | None
    ) -> None:
        given = words.fields(fields or "") | {row[0]: row[1] for row in step.table}
        self._line(step, at, actor, command, given)

    @done(rf"{_AT}usage is reported(?: as (?P<report>[\w.-]+))?:")
    def _usage(self, step: Step, at: str | None, report: str | None) -> None:
        """A CPOR usage report with the rows of the table, exported and loaded at the instant."""
        if at:
            self.stage.now = words.instant(at)
        name = f"usage-{self.stage.head}.tsv"
        header, *rows = step.table
        told = [words.reported(dict(zip(header, row, strict=True))) for row in rows]
        text = "\n".join("\t".join(cells) for cells in (words.REPORTED, *told))
        (self.stage.files / name).write_text(text + "\n", encoding="utf-8")
        given = {"kind": "cpor_m365", "file": name, "exported": self.stage.now}
        given |= {"report": report} if report else {}
        self._line(step, None, "operator", "usage.load", given)

    def _line(
        self, step: Step, at: str | None, actor: str, command: str, given: dict[str, str]
    ) -> None:
        self._must_be_checked()
        if at:
            self.stage.now = words.instant(at)
        self._happened = self.stage.do(actor, command, given)
        self._unchecked = f"{step.place}: {step.text}"
        if step.kind == "given":
            self._must_be_checked()

    @done(
        rf"{_AT}claim (?P<claim>\S+) of (?P<location>\S+) on (?P<tenant>\w+) (?P<what>.+?)"
        rf" is (?P<state>{'|'.join(_STEPS_TO)})(?: with (?P<more>.+))?:?"
    )
    def _claim_brought(  # noqa: PLR0913, PLR0917  the named parts of the sentence
        self,
        step: Step,
        at: str | None,
        claim: str,
        location: str,
        tenant: str,
        what: str,
        state: str,
        more: str | None,
    ) -> None:
        given = {"claim": claim, "location": location, "tenant": tenant}
        about = re.fullmatch(r"subscriptions? (.+?) for (\w+)", what)
        if about:
            given |= {"subscriptions": _listed(about[1]), "activity": about[2]}
        else:
            given |= {"workloads": _listed(what)}
        given |= words.fields(more or "") | {row[0]: row[1] for row in step.table}
        self._line(step, at, f"incentives-{location}", "claim.submit", given)
        for actor, command in _STEPS_TO[state]:
            self._line(step, None, actor, command, {"claim": claim})

    @done(r"the same line again")
    def _again(self, step: Step) -> None:
        self._must_be_checked()
        self._happened = self.stage.again()
        self._unchecked = f"{step.place}: {step.text}"

    @done(r"`attribution (?P<line>.+)`")
    def _asked(self, step: Step, line: str) -> None:
        self._must_be_checked()
        self._answer = self._ask(line, self.stage, step.document)

    # What must have come of it.

    def _must_be_checked(self) -> None:
        """A line that had no effect has to be expected by the line after it."""
        if self._happened and self._unchecked:
            outcome = self._happened.outcome
            assert outcome.result is Result.ACCEPTED, f"{self._unchecked}: {_told(outcome)}"
        self._unchecked = ""

    def _expected(self, result: Result) -> LineOutcome:
        assert self._happened, "nothing was done yet"
        self._unchecked = ""
        outcome = self._happened.outcome
        assert outcome.result is result, f"it was {_told(outcome)}"
        return outcome

    @seen(rf"accepted(?: (?P<kind>[\w.]+))?{_MORE}")
    def _accepted(self, step: Step, kind: str | None, fields: str | None) -> None:
        outcome = self._expected(Result.ACCEPTED)
        event = self.stage.event(outcome.position)
        assert kind is None or re.sub(r"\.v\d+$", "", event.type) == kind, f"it was {event.type}"
        _require(words.with_nicknames(event.data), _wanted(step, fields))

    @seen(r'refused (?P<code>\w+)(?: saying "(?P<words_>.+)")?')
    def _refused(self, _: Step, code: str, words_: str | None) -> None:
        _require_problem(self._expected(Result.REFUSED), code, words_)

    @seen(r'unreadable (?P<code>\w+)(?: saying "(?P<words_>.+)")?')
    def _unreadable(self, _: Step, code: str, words_: str | None) -> None:
        _require_problem(self._expected(Result.UNREADABLE), code, words_)

    @seen(r"repeated")
    def _repeated(self, _: Step) -> None:
        self._expected(Result.REPEATED)

    @seen(r"(?:nothing|(?P<types>[\w.]+\.[\w., ]+)) (?:was|were) recorded")
    def _recorded(self, _: Step, types: str | None) -> None:
        assert self._happened, "nothing was done yet"
        found = self.stage.types_after(self._happened.before)
        assert found == (re.split(r", | and ", types) if types else []), f"it was {found}"

    def _position(self, known: str | None, position: str | None, before: str | None) -> int:
        if before:
            assert self._happened, "nothing was done yet"
            return self._happened.before
        return int(position) if position else self.stage.known(known)

    @seen(rf"holders? of (?P<slot>\S+) {_ON} (?:is|are) (?P<who>.+)")
    def _held(self, _: Step, slot: str, on: str, who: str, **known: str | None) -> None:
        rows = self.stage.holders(on, self._position(**known), slot=slot)
        found = sorted({row["partner"] for row in rows})
        wanted = [] if who == "nobody" else sorted(re.split(r", | and ", who))
        assert found == wanted, f"it is {', '.join(found) or 'nobody'}"

    @seen(rf"holders with (?P<fields>.+) {_ON} are:")
    def _holders(self, step: Step, fields: str, on: str, **known: str | None) -> None:
        rows = self.stage.holders(on, self._position(**known), **words.fields(fields))
        _require_rows(rows, step.table)

    @seen(rf"claim (?P<claim>\S+) is (?P<state>[a-z_ ]+?){_MORE}")
    def _claim_is(self, step: Step, claim: str, state: str, fields: str | None) -> None:
        found = self.stage.claim(claim)
        assert found["state"] == state.replace(" ", "_"), f"it is {found['state']}"
        _require(found, _wanted(step, fields))

    @seen(r"claim (?P<claim>\S+) has:?(?: (?P<fields>.+=.+))?")
    def _claim_has(self, step: Step, claim: str, fields: str | None) -> None:
        _require(self.stage.claim(claim), _wanted(step, fields))

    @seen(rf"deadline (?P<name>\w+) of claim (?P<claim>\S+) is (?P<due>{words.INSTANT})")
    def _deadline(self, _: Step, name: str, claim: str, due: str) -> None:
        found = [
            row["due"]
            for row in self.stage.deadlines()
            if row["claim"] == claim and row["name"] == name
        ]
        assert len(found) == 1, f"it has {found or 'none'}"
        assert words.same(due, found[0]), f"it is {found[0]}"

    @seen(r"claim (?P<claim>\S+) has no deadline(?: (?P<name>\w+))?")
    def _no_deadline(self, _: Step, name: str | None, claim: str) -> None:
        found = [
            f"{row['name']} {row['due']}"
            for row in self.stage.deadlines()
            if row["claim"] == claim and name in (None, row["name"])
        ]
        assert not found, f"it has {found}"

    @seen(r"(?:the )?history of claim (?P<claim>\S+) is:")
    def _history(self, step: Step, claim: str) -> None:
        _require_rows(self.stage.history(claim), step.table, ordered=True)

    @seen(r"the answer is:")
    def _answer_rows(self, step: Step) -> None:
        assert isinstance(self._answer, list), f"it was {self._answer}"
        _require_rows(self._answer, step.table)

    @seen(r"the answer has:?(?: (?P<fields>.+=.+))?")
    def _answer_has(self, step: Step, fields: str | None) -> None:
        assert isinstance(self._answer, list), f"it was {self._answer}"
        assert len(self._answer) == 1, f"it has {len(self._answer)} rows: {self._answer}"
        _require(self._answer[0], _wanted(step, fields))

    @seen(r"the answer has (?P<count>\d+) rows?")
    def _answer_counts(self, _: Step, count: str) -> None:
        assert isinstance(self._answer, list), f"it was {self._answer}"
        assert len(self._answer) == int(count), f"it has {len(self._answer)}: {self._answer}"

    @seen(r'the answer (?P<no>never )?says "(?P<text>.+)"')
    def _answer_says(self, _: Step, no: str | None, text: str) -> None:
        assert (text in str(self._answer)) is not bool(no), f"it was {self._answer}"


def _listed(text: str) -> str:
    return f"[{', '.join(re.split(r', | and ', text))}]"


def _wanted(step: Step, fields: str | None) -> dict[str, str]:
    return words.fields(fields or "") | {row[0]: row[1] for row in step.table}


def _told(outcome: LineOutcome) -> str:
    if not outcome.problems:
        return f"{outcome.result} {outcome.type}".strip()
    told = [f"{one.code} {one.field}: {one.message} {one.hint}" for one in outcome.problems]
    return f"{outcome.result}: {'; '.join(told)}"


def _require(found: Any, wanted: dict[str, str]) -> None:
    for path, expected in wanted.items():
        value = words.at_path(found, path)
        assert words.same(expected, value), f"{path} is {value!r}"


def _require_problem(outcome: LineOutcome, code: str, text: str | None) -> None:
    assert code in {one.code for one in outcome.problems}, f"it was {_told(outcome)}"
    assert text is None or text in _told(outcome), f"it said {_told(outcome)}"


def _require_rows(
    rows: list[dict[str, Any]], table: tuple[tuple[str, ...], ...], *, ordered: bool = False
) -> None:
    """The rows found are those of the table, in its columns; in any order unless ``ordered``."""
    assert table, "name the columns in a table below"
    columns, *wanted = table
    left = [[words.at_path(row, column) for column in columns] for row in rows]
    found = f"it is {[dict(zip(columns, row, strict=True)) for row in left]}"
    for n, expected in enumerate(wanted):
        fits = [
            row for row in (left[:1] if ordered else left) if all(map(words.same, expected, row))
        ]
        assert fits, f"row {n + 1} is missing: {found}"
        left.remove(fits[0])
    assert not left, f"more than expected: {found}"
