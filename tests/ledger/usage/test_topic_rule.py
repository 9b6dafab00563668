"""The reader's rule: an attempt's records count once, whatever else lies on the topic."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from ledger.usage.rows import Record
from ledger.usage.topic_records import TYPES, Headers, Name
from ledger.usage.topic_rule import Rule

SOURCE = b"urn:attribution:ledger:l-1"
ATTEMPTS = ("u-1", "u-2", "u-3")
PARTITION = 2


def headers(name: Name, record: Record = "increment", source: bytes = SOURCE) -> Headers:
    """The headers of a record."""
    return [("ce_id", name.to_bytes()), ("ce_source", source), ("ce_type", TYPES[record])]


def record_of(number: int) -> Record:
    """The first two records of an attempt carry statements."""
    return "statement" if number < 2 else "increment"


@st.composite
def topics(draw: st.DrawFn) -> tuple[list[Headers], int]:
    """Attempts side by side, sent again from any record on, among strangers; how many those are."""
    page: list[Headers] = []
    sent, strangers = dict.fromkeys(ATTEMPTS, 0), 0
    for _ in range(draw(st.integers(0, 40))):
        kind = draw(st.sampled_from(("on", "on", "on", "again", "lost", "stranger")))
        attempt = draw(st.sampled_from(ATTEMPTS))
        if kind == "stranger":
            name = Name(attempt, draw(st.sampled_from((0, PARTITION))), sent[attempt])
            page.append(headers(name, source=SOURCE if name.partition == 0 else b"urn:other"))
            strangers += 1
            continue
        if kind == "again":
            sent[attempt] = draw(st.integers(0, sent[attempt]))
        elif kind == "lost":
            sent[attempt] += 1
        name = Name(attempt, PARTITION, sent[attempt])
        page.append(headers(name, record_of(name.number)))
        sent[attempt] += 1
    return page, strangers


@given(topic=topics(), size=st.integers(1, 10))
def test_every_number_is_kept_once_and_in_order(
    topic: tuple[list[Headers], int], size: int
) -> None:
    """Up to the first that was never sent; strangers are counted, pages make no difference."""
    page, strangers = topic
    rule = Rule(SOURCE, PARTITION)
    found: dict[str, list[int]] = defaultdict(list)
    for begin in range(0, len(page), size):
        part = page[begin : begin + size]
        for kept in rule.take(part):
            for place in kept.places:
                words = dict(part[place])["ce_id"].split(b"/")
                assert words[0].decode() == kept.attempt
                assert kept.record == record_of(int(words[2]))
                found[kept.attempt].append(int(words[2]))
    for attempt in ATTEMPTS:
        expected = 0
        for each in page:
            fields = dict(each)
            own = Name(attempt, PARTITION, expected).to_bytes()
            expected += fields["ce_id"] == own and fields["ce_source"] == SOURCE
        assert found[attempt] == list(range(expected))
        assert rule.kept(attempt) == expected
    assert rule.strangers == strangers


def test_only_the_attempts_of_interest_are_kept() -> None:
    """Others are passed over, and are no strangers."""
    page = [headers(Name(attempt, PARTITION, 0)) for attempt in ATTEMPTS]
    rule = Rule(SOURCE, PARTITION, {"u-2"})
    assert rule.take(page) == [("u-2", "increment", [1])]
    assert rule.strangers == 0


def test_the_order_of_headers_means_nothing() -> None:
    """Other programs may write them in another; the next records are found all the same."""
    page = [headers(Name("u-1", PARTITION, number)) for number in range(4)]
    turned = [page[0], page[1][::-1], page[2][::-1], page[3]]
    rule = Rule(SOURCE, PARTITION)
    kept = [(each.attempt, place) for each in rule.take(turned) for place in each.places]
    assert kept == [("u-1", place) for place in range(4)]
