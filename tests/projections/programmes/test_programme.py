"""Programme files: what ships is the tables of domain.md §8, and a wrong file is refused whole."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.rules.programmes import files
from ledger.rules.programmes.files import ProgrammeError, programme, shipped
from ledger.rules.programmes.programme import Programme


@pytest.fixture(scope="module")
def text() -> str:
    """The shipped file of Modern Work."""
    return files.builtin_text("modern_work_2023")


@pytest.fixture(scope="module")
def modern_work() -> Programme:
    """The shipped programme."""
    return shipped("modern_work_2023")


def test_modern_work_says_the_table_of_the_source(modern_work: Programme) -> None:
    """Maxima and thresholds by class and type, line by line (domain.md §8.3)."""
    table: dict[str, Any] = {
        metric.id: (metric.max_points, metric.thresholds("enterprise"), metric.thresholds("smb"))
        for metric in modern_work.metric
    }
    assert table == {
        "net_customer_adds": (20, {"": 5}, {"": 10}),
        "intermediate_certs": (10, {"": 4}, {"": 2}),
        "advanced_certs": (15, {"": 2}, {"": 1}),
        "usage_growth": (30, {"CPOR": 1000, "DPOR": 4000}, {"CPOR": 500, "CSP": 2000}),
        "deployments": (25, {"CPOR": 5, "DPOR": 10}, {"CPOR": 5, "CSP": 10}),
    }
    rule = modern_work.qualify
    qualify: Any = (rule.points, rule.out_of, rule.least_points_each, rule.window_months)
    assert qualify == (70, 100, 1, 6)
    assert modern_work.kinds("CSP") == ("CSP_T1", "CSP_T2")
    assert modern_work.workloads is not None
    assert len(modern_work.workloads.eligible) == 14


PCI = """
    metric                  class  most  developed  developing  whole
    net_new_revenue         ce     10    300000     150000      -
    net_new_revenue         fo     10    300000     150000      -
    net_new_revenue         smb    10    -          -           30000
    net_customer_adds       ce     10    10         5           -
    net_customer_adds       fo     10    3          1           -
    net_customer_adds_smb   smb    10    -          -           10
    functional_consultants  ce     15    15         5           -
    functional_consultants  fo     15    15         5           -
    functional_consultants  smb    30    -          -           5
    developers              ce     5     5          2           -
    developers              fo     5     5          2           -
    developers              smb    5     -          -           2
    new_deployments         ce     20    5@250      1@150       -
    new_deployments         fo     20    3@100      1@50        -
    new_deployments_smb     smb    20    -          -           10@5
    mau_growth              ce     25    25<250     25<150      -
    mau_growth              fo     25    25<100     25<50       -
    mau_growth              smb    25    -          -           35<50
"""
"""domain.md §8.2, written down a second time: value@size, per cent<baseline."""


def test_the_contribution_score_says_the_table_of_the_source() -> None:
    """Every number of §8.2, but for consultant growth, which has bands."""
    told = []
    for metric in shipped("pci_2021").metric:
        if metric.formula == "bands":
            continue
        for one in ("ce", "fo", "smb"):
            cells = {
                line.market or "whole": f"{line.value:f}"
                + (f"@{line.size}" if line.size else "")
                + (f"<{line.baseline}" if line.baseline else "")
                for line in metric.lines(one)
            }
            columns = [cells.get(name, "-") for name in ("developed", "developing", "whole")]
            if cells:
                told.append([metric.id, one, f"{metric.most(one):f}", *columns])
    assert told == [line.split() for line in PCI.strip().splitlines()[1:]]


def test_consultant_growth_says_the_bands_of_the_source() -> None:
    """Baseline 15-29: +35 %, 30-49: +25 %, 50+: 24 months; developing 5-14, 15-24, 25+ (§8.2)."""
    growth = next(one for one in shipped("pci_2021").metric if one.id == "consultant_growth")
    assert growth.most("ce") == growth.most("fo") == 15
    assert not growth.in_class("smb")
    for one in ("ce", "fo"):
        found: dict[Any, Any] = {
            line.market: [(b.at_least, b.percent, b.full_months) for b in line.bands]
            for line in growth.lines(one)
        }
        assert found == {
            "developed": [(15, 35, None), (30, 25, None), (50, None, 24)],
            "developing": [(5, 35, None), (15, 25, None), (25, None, 24)],
        }


@pytest.mark.parametrize(
    "name, metric, one, most, each, per, size",
    [
        ("security_2023", "deployments", "all", 20, "3.3", 1, None),
        ("security_2023", "usage_growth", "all", None, "1", 125, None),
        ("azure_2023", "net_customer_adds", "all", 30, "10", 1, None),
        ("azure_2023", "deployments", "all", 10, "2", 1, None),
        ("business_applications_2023", "net_customer_adds", "enterprise", 15, "3", 1, 1500),
        ("business_applications_2023", "deployments", "enterprise", 20, "4", 1, 10_000),
        ("business_applications_2023", "deployments", "smb", 20, "4", 1, 5_000),
    ],
)
def test_the_other_areas_say_points_each_as_the_source(
    name: str, metric: str, one: str, most: int | None, each: str, per: int, size: int | None
) -> None:
    """So many points each, to a maximum, of a size (domain.md §8.3, Other areas)."""
    found = next(m for m in shipped(name).metric if m.id == metric)
    line = found.lines(one)[0]
    told: Any = (found.most(one), line.points_each, line.per)
    assert told == (most, Decimal(each), per)
    assert line.size == size


@pytest.mark.parametrize(
    "name, metric, one, most, percent, baseline",
    [
        ("azure_2023", "usage_growth", "all", 20, 20, 1000),
        ("business_applications_2023", "usage_growth", "enterprise", 30, 30, 50_000),
        ("business_applications_2023", "usage_growth", "smb", 30, 30, 25_000),
    ],
)
def test_a_point_for_each_per_cent_is_all_points_at_as_many_per_cent(
    name: str, metric: str, one: str, most: int, percent: int, baseline: int
) -> None:
    """1 point per 1 % to the maximum (domain.md §8.3)."""
    found = next(m for m in shipped(name).metric if m.id == metric)
    line = found.lines(one)[0]
    told: Any = (found.most(one), line.value, line.baseline)
    assert told == (most, percent, baseline)


@pytest.mark.parametrize(
    "name, what",
    [
        ("mpn_cloud_productivity_2020", ["needs", "needs"]),
        ("pci_2021", ["countries", "countries"]),
        ("security_2023", ["max_points", "formula", "max_points"]),
        ("azure_2023", ["max_points", "formula"]),
        ("business_applications_2023", ["size", "max_points", "formula"]),
        ("modern_work_2023", []),
    ],
)
def test_what_no_source_gives_is_said_to_be_not_published(name: str, what: list[str]) -> None:
    """Each place where a user's own file can say it, and no other."""
    lines = [
        line
        for line in files.builtin_text(name).splitlines()
        if not line.startswith(("#", "source"))
    ]
    found = [word for line in lines for word in _open(line)]
    assert sorted(found) == sorted(what)


def _open(line: str) -> list[str]:
    code = line.split("source = ", maxsplit=1)[0]
    return (
        [code.split('= "not_published"')[0].split()[-1]]
        if '"not_published"' in code and ("needs" not in code)
        else (["needs"] if "needs" in code and "not_published" in code else [])
    )


@pytest.mark.parametrize("name", files.names())
def test_every_number_of_a_shipped_programme_names_its_source(name: str) -> None:
    """Each source names a section of domain.md."""
    for line in files.builtin_text(name).splitlines():
        if "source = " in line:
            assert "domain.md §" in line, line


@pytest.mark.parametrize(
    "units, classes",
    [
        (10, []),
        (11, ["smb"]),
        (300, ["smb"]),
        (301, ["enterprise"]),
        (0, []),
        (90_000, ["enterprise"]),
    ],
)
def test_a_level_is_of_the_class_whose_range_holds_it(
    modern_work: Programme, units: int, classes: list[str]
) -> None:
    """Over 300 is Enterprise, 11 to 300 is SMB, both ends included."""
    held = [one.id for one in modern_work.tenant_class if one.holds(units * 1_000_000)]
    assert held == classes


@pytest.mark.parametrize(
    "old, new, said",
    [
        ("max_points = 20", "max_points = 0", ["line {n}", "metric.0.max_points is 0", "above 0"]),
        ("max_points = 20", "max_points = 21", ["qualify.out_of", "100", "101"]),
        ("value = 4000", 'value = "many"', ["line {n}", "threshold.1.value", "'many'", "number"]),
        ('class = "smb"', 'class = "tiny"', ["net_customer_adds", "'tiny'", "enterprise, smb"]),
        ('type = "DPOR"', 'type = "PAL"', ["usage_growth", "'PAL'", "CPOR, DPOR, CSP"]),
        ('id = "DPOR"', 'id = "CPOR"', ["type", "once"]),
        ('formula = "linear"', 'formula = "sum"', ["line {n}", "'sum'", "best_of_types"]),
        ("window_months = 6", "windows = 6", ["line {n}", "qualify.windows is 6"]),
        ("window_months = 6", 'window_months = "6"', ["line {n}", "integer"]),
        ('keep = "better_class"', 'keep = "better_class"\nluck = 7', ["qualify.luck", "7"]),
        ("openings = false", "openings = true", ["line {n}", "credit.openings", "True", "False"]),
        ('metric = "m365.mau", months', 'metric = "azure.acr.attributed", months', ["attributed"]),
        (
            'metric = "m365.mau", months',
            'metric = "m365.users", months',
            ["m365.users", "m365.mau"],
        ),
        (
            'function = "recorded"',
            'function = "guessed"',
            ["line {n}", "guessed", "tenants_gained"],
        ),
        ('types = ["CPOR", "CSP"]', 'types = ["CPOR", "KSP"]', ["tenant_class smb", "'KSP'"]),
        ('competency = "modern_work"', 'competency = "juggling"', ["juggling", "modern_work"]),
        ("valid_from = 2023-10-01", "valid_from = 2023-13-01", ["line 7"]),
        ("[credit]", "[credit", ["line {n}"]),
    ],
)
def test_a_wrong_file_is_refused_with_line_key_value_and_what_is_allowed(
    text: str, old: str, new: str, said: list[str]
) -> None:
    """Each fault names the file, where it stands, what it says and what would do."""
    assert old in text
    wrong = text.replace(old, new, 1)
    line = text[: text.index(old)].count("\n") + 1
    with pytest.raises(ProgrammeError) as caught:
        programme(wrong, "mine.toml")
    assert caught.value.code == "bad_programme"
    for part in ["mine.toml", *said]:
        assert part.format(n=line) in str(caught.value)


def test_every_table_of_a_programme_needs_a_source(text: str) -> None:
    """A number without its source is refused, wherever it stands."""
    sources = [line for line in text.splitlines() if line.startswith("source = ")]
    assert len(sources) > 20
    for source in set(sources):
        with pytest.raises(ProgrammeError, match="source is missing"):
            programme(text.replace(f"{source}\n", ""), "mine.toml")


def test_a_threshold_stands_once(text: str) -> None:
    """Two values for one class and type say nothing."""
    line = '[[metric.threshold]]\nclass = "smb"\ntype = "CSP"\nvalue = 10\nsource = "x"\n'
    with pytest.raises(ProgrammeError, match="smb CSP stands twice"):
        programme(text + line, "mine.toml")


def test_a_class_without_a_threshold_is_refused(text: str) -> None:
    """Every metric can be scored in every class that has it."""
    cut = text.replace(
        '[[metric.threshold]]\nclass = "smb"\nvalue = 10\n'
        'source = "domain.md §8.3: SMB, 10 tenants"\n',
        "",
    )
    assert cut != text
    with pytest.raises(ProgrammeError, match="none for class smb"):
        programme(cut, "mine.toml")


@pytest.mark.parametrize(
    "name, old, new, said",
    [
        ("pci_2021", ", size = 250", "", "size: needed with crossings"),
        ("pci_2021", ", baseline = 250", "", "baseline are needed with percent_growth"),
        ("azure_2023", ", at_least = 1000", "", "at_least: needed"),
        ("pci_2021", 'market = "developed", value', 'market = "rich", value', "'rich'"),
        ("pci_2021", "full_months = 24 }", "full_months = 24, percent = 3 }", "either percent or"),
        ("pci_2021", "value = 10, source", "value = 10, points_each = 1, source", "one of value"),
        ("mpn_cloud_productivity_2020", "{ usage_growth", "{ luck", "'luck'"),
        ("business_applications_2023", "\nassigned = {", "\n# {", "assigned"),
    ],
)
def test_numbers_that_belong_together_are_asked_for(
    name: str, old: str, new: str, said: str
) -> None:
    """A formula's own numbers, in the file, before anything is scored."""
    text = files.builtin_text(name)
    assert old in text
    with pytest.raises(ProgrammeError, match=said):
        programme(text.replace(old, new, 1), "mine.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b'id = "\xff"')
    for path in (tmp_path / "missing.toml", odd):
        with pytest.raises(ProgrammeError, match=path.name):
            files.read(path)


@pytest.mark.parametrize("name", files.names())
def test_a_file_of_ones_own_is_read_like_a_shipped_one(tmp_path: Path, name: str) -> None:
    """The same text gives the same programme, from TOML as from the content of an event."""
    mine = tmp_path / "mine.toml"
    mine.write_text(files.builtin_text(name), encoding="utf-8")
    assert files.parse(files.read(mine)) == shipped(name) == files.parse(files.builtin(name))


def test_a_content_adopted_before_there_were_ways_to_measure_says_the_same(text: str) -> None:
    """What a file leaves out is what it was: recorded figures, and growth by ``usage``."""
    old = "\n".join(
        line
        for line in text.splitlines()
        if not line.startswith(("by = ", "types = ", "activities = ", "competency = "))
    )
    found = programme(old, "old.toml")
    growth = next(one for one in found.metric if one.id == "usage_growth").ways()
    assert growth is not None
    assert growth.function == "credited_growth"
    assert found.metric[0].ways() is None


@given(st.sampled_from(["value", "max_points", "months", "at_least", "points"]), st.integers(-3, 0))
def test_no_number_of_a_programme_may_be_nothing(key: str, value: int) -> None:
    """Thresholds, maxima, months: each is above 0."""
    text = files.builtin_text("modern_work_2023")
    at = text.index(f"{key} = ") + len(key) + 3
    end = next(n for n in range(at, len(text)) if text[n] not in "0123456789.")
    with pytest.raises(ProgrammeError, match="mine"):
        programme(f"{text[:at]}{value}{text[end:]}", "mine")
