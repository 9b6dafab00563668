"""Programme files: what ships is the table of domain.md §8.3, and a wrong file is refused whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from projections.programmes.programme import (
    Programme,
    ProgrammeError,
    load_programme,
    programme,
    shipped_programmes,
)

MODERN_WORK = Path("projections/programmes/data/modern_work_2023.toml")


@pytest.fixture(scope="module")
def text() -> str:
    """The shipped file."""
    root = Path(__file__).parents[3]
    return (root / MODERN_WORK).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def modern_work() -> Programme:
    """The shipped programme."""
    return shipped_programmes()["modern_work_2023"]


def test_modern_work_says_the_table_of_the_source(modern_work: Programme) -> None:
    """Maxima and thresholds by class and type, line by line (domain.md §8.3)."""
    table = {
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
    assert (rule.points, rule.out_of, rule.least_points_each, rule.window_months) == (70, 100, 1, 6)
    assert modern_work.kinds("CSP") == ("CSP_T1", "CSP_T2")
    assert len(modern_work.workloads.eligible) == 14


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
        ("max_points = 20", "max_points = 0", ["metric.0.max_points", "0", "greater than 0"]),
        ("max_points = 20", "max_points = 21", ["qualify.out_of", "100", "101"]),
        ("value = 4000", 'value = "many"', ["threshold.1.value", "'many'", "integer"]),
        ('class = "smb"', 'class = "tiny"', ["net_customer_adds", "'tiny'", "enterprise, smb"]),
        ('type = "DPOR"', 'type = "PAL"', ["usage_growth", "'PAL'", "CPOR, DPOR, CSP"]),
        ('id = "DPOR"', 'id = "CPOR"', ["type", "once"]),
        ('formula = "linear"', 'formula = "sum"', ["metric.0.formula", "'sum'", "best_of_types"]),
        ("window_months = 6", "windows = 6", ["qualify.window_months", "required"]),
        ('keep = "better_class"', 'keep = "better_class"\nluck = 7', ["qualify.luck", "7"]),
        ("openings = false", "openings = true", ["credit.openings", "True", "False"]),
        ('metric = "m365.mau"', 'metric = "azure.acr.attributed"', ["usage.metric", "attribute"]),
        ("valid_from = 2023-10-01", "valid_from = 2023-13-01", ["not TOML", "line 7"]),
        ("[credit]", "[credit", ["not TOML", "line 10"]),
    ],
)
def test_a_wrong_file_is_refused_with_key_value_and_what_is_allowed(
    text: str, old: str, new: str, said: list[str]
) -> None:
    """Each fault names the file, where it stands, what it says and what would do."""
    assert old in text
    with pytest.raises(ProgrammeError) as caught:
        programme(text.replace(old, new, 1), "mine.toml")
    assert caught.value.code == "bad_programme"
    for part in ["mine.toml", *said]:
        assert part in str(caught.value)


def test_every_table_of_a_programme_needs_a_source(text: str) -> None:
    """A number without its source is refused, wherever it stands."""
    sources = [line for line in text.splitlines() if line.startswith("source = ")]
    for source in set(sources):
        with pytest.raises(ProgrammeError, match="source: Field required"):
            programme(text.replace(f"{source}\n", ""), "mine.toml")


def test_a_threshold_stands_once(text: str) -> None:
    """Two values for one class and type say nothing."""
    line = '[[metric.threshold]]\nclass = "smb"\ntype = "CSP"\nvalue = 10\nsource = "x"\n'
    with pytest.raises(ProgrammeError, match="smb CSP stands twice"):
        programme(text + line, "mine.toml")


def test_a_class_without_a_threshold_is_refused(text: str) -> None:
    """Every metric can be scored in every class."""
    cut = text.replace(
        '[[metric.threshold]]\nclass = "smb"\nvalue = 10\n'
        'source = "domain.md §8.3: SMB, 10 tenants"\n',
        "",
    )
    assert cut != text
    with pytest.raises(ProgrammeError, match="none for class smb"):
        programme(cut, "mine.toml")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """Missing, or not UTF-8."""
    odd = tmp_path / "odd.toml"
    odd.write_bytes(b'id = "\xff"')
    for path in (tmp_path / "missing.toml", odd):
        with pytest.raises(ProgrammeError, match=path.name):
            load_programme(path)


def test_a_file_of_ones_own_is_loaded_like_a_shipped_one(tmp_path: Path, text: str) -> None:
    """The same text gives the same programme."""
    mine = tmp_path / "mine.toml"
    mine.write_text(text, encoding="utf-8")
    assert load_programme(mine) == shipped_programmes()["modern_work_2023"]
