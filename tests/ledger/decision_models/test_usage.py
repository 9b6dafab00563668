"""Usage decisions agree with a naive reading of everything decided before."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from ledger.decision_models.usage import USAGE_FILE, USAGE_REPORT
from ledger.refusal import Refused
from schemas.time import iso
from tests.builders import World
from tests.ledger.commands.estate import do_example, estate

METRICS = ("azure.acr", "m365.mau", "m365.pau")
FILES = ("ab" * 32, "cd" * 32)
REPORTS = ("R-1", "R-2", "R-3")
MINUTE_US = 60_000_000

metrics = st.sets(st.sampled_from(METRICS), min_size=1).map(sorted)
attempts = st.sampled_from(["A-1", "A-2"])


@dataclass(frozen=True)
class Try:
    """One thing somebody tries, after ``minutes`` have passed, on a basis so far ``behind``."""

    what: str
    attempt: str
    report: str
    sha256: str
    metrics: list[str]
    behind: int
    minutes: int


tries = st.lists(
    st.builds(
        Try,
        what=st.sampled_from(["load", "load", "withdraw", "reserve"]),
        attempt=attempts,
        report=st.sampled_from(REPORTS),
        sha256=st.sampled_from(FILES),
        metrics=metrics,
        behind=st.sampled_from([0, 0, 1, 2]),
        minutes=st.sampled_from([0, 0, 5, 10]),
    ),
    max_size=14,
)


@dataclass
class Naive:
    """Everything that was accepted, in order; each question reads all of it."""

    accepted: list[tuple[int, Try, int]] = field(default_factory=list)

    def counted(self) -> dict[str, Try]:
        """The reports that count, each with the load that made it count."""
        found: dict[str, Try] = {}
        for _, tried, _ in self.accepted:
            if tried.what == "load":
                found[tried.report] = tried
            elif tried.what == "withdraw":
                del found[tried.report]
        return found

    def loads(self, report: str) -> list[Try]:
        """Every load of a report id, withdrawn or not."""
        return [it for _, it, _ in self.accepted if it.what == "load" and it.report == report]

    def turn_taken(self, tried: Try, now_us: int) -> bool:
        """Whether the newest turn on one of the metrics is another's, unused and not over."""
        for metric in tried.metrics:
            about = [it for it in self.accepted if metric in it[1].metrics]
            turns = [place for place, it in enumerate(about) if it[1].what == "reserve"]
            if not turns:
                continue
            _, turn, until_us = about[turns[-1]]
            used = any(
                it.attempt == turn.attempt and it.what != "reserve"
                for _, it, _ in about[turns[-1] + 1 :]
            )
            if turn.attempt != tried.attempt and not used and now_us < until_us:
                return True
        return False

    def outrun(self, tried: Try, basis: int) -> bool:
        """Whether a load or withdrawal shares a metric and came after the basis."""
        return any(
            position > basis and it.what != "reserve" and set(it.metrics) & set(tried.metrics)
            for position, it, _ in self.accepted
        )

    def answer(self, tried: Try, basis: int, now_us: int) -> str:
        """What must come of a try."""
        about = {"load": self.of_load, "withdraw": self.of_withdrawal}.get(tried.what)
        against = about(tried) if about else None
        if against is None and self.turn_taken(tried, now_us):
            against = "usage_turn_taken"
        if against is None and about and self.outrun(tried, basis):
            against = "basis_outrun"
        return against or "done"

    def of_load(self, tried: Try) -> str | None:
        """What the files and report ids say against a load."""
        if any(it.sha256 == tried.sha256 for it in self.counted().values()):
            return "report_already_counted"
        if any(it.sha256 != tried.sha256 for it in self.loads(tried.report)):
            return "already_exists"
        return None

    def of_withdrawal(self, tried: Try) -> str | None:
        """What the report says against its withdrawal."""
        counted = self.counted().get(tried.report)
        if counted is None:
            return "report_not_counted" if self.loads(tried.report) else "unknown_reference"
        return None if set(counted.metrics) == set(tried.metrics) else "report_metrics_differ"


def attempt(world: World, tried: Try, basis: int) -> str:
    """Try it in the world; "done", or the code of the refusal."""
    each = {"attempt": tried.attempt, "metrics": tried.metrics}
    decided = each | {"report": tried.report, "basis": basis}
    try:
        if tried.what == "load":
            do_example(world, "usage.load", **decided, sha256=tried.sha256)
        elif tried.what == "withdraw":
            do_example(world, "usage.withdraw", **decided)
        else:
            expires_at = iso(world.now_us + 10 * MINUTE_US)
            do_example(world, "usage.reserve", **each, expires_at=expires_at)
    except Refused as refused:
        return refused.code
    return "done"


@given(tries)
def test_a_usage_decision_is_taken_exactly_when_nothing_speaks_against_it(
    tried: list[Try],
) -> None:
    """Files, report ids, bases and turns, in any order and at any pace, for two attempts."""
    world, naive = estate("usage.reserve"), Naive()
    for each in tried:
        world.now_us += each.minutes * MINUTE_US
        basis = len(world.facts) - each.behind
        expected = naive.answer(each, basis, world.now_us)
        assert attempt(world, each, basis) == expected
        if expected == "done":
            until_us = world.now_us + 10 * MINUTE_US
            naive.accepted.append((len(world.facts), each, until_us))
    counted = naive.counted()
    for report in REPORTS:
        state = world(USAGE_REPORT, report)
        assert (state is not None and state.counts) == (report in counted)
    for sha256 in FILES:
        report_of_file = world(USAGE_FILE, sha256)
        loaded = [it for _, it, _ in naive.accepted if it.what == "load" and it.sha256 == sha256]
        assert report_of_file == (loaded[-1].report if loaded else None)
