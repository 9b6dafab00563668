"""`attribution import` and `compare`: an estate taken over from its files, and laid beside them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.interfaces.conftest import Run
from tests.interfaces.small_story import CONTOSO, HEADER, claim, line, write_lines
from tests.ledger.usage.reports.report_rows import content

FABRIKAM = "22222222-2222-4222-8222-222222222222"
DYNAMICS = "d3650000-0000-4000-8000-000000000002"
AT = "2021-07-01T08:00:00Z"
AS_OF = ("--as-of", "2021-06-30")
PLACED = ("--organisation", "900", "--country", "CZ")


@pytest.fixture
def fresh(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A ledger that knows its policy and nobody else."""
    folder = tmp_path / "fresh"
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(folder))
    assert run("init", folder, "--clock", "told", "--at", AT).code == 0
    calendar = {"builtin": "CZ", "zone": "Europe/Prague", "first_year": 2019, "last_year": 2022}
    rules = [
        line("calendar.adopt", "r-1", AT, calendar="default", **calendar),
        line("policy.adopt", "r-2", AT, builtin="P2020"),
    ]
    assert run("submit", write_lines(tmp_path / "rules.jsonl", *rules)).code == 0
    return folder


def report(path: Path, *rows: tuple[str, str, str, str, str]) -> Path:
    """A CPOR-M365 file: tenant, workload, claim, partner since, month."""
    told = ["\t".join(HEADER)]
    for tenant, workload, named, since, month in rows:
        cells = (
            tenant,
            "Žluťoučký, a.s.",
            workload,
            "10",
            "20",
            named,
            "101",
            since,
            "CPOR",
            month,
        )
        told.append("\t".join(cells))
    path.write_text("\ufeff" + "\r\n".join(told) + "\r\n", encoding="utf-8")
    return path


def cpor(path: Path) -> Path:
    """One claim on two workloads, one on another tenant, one that ended in May."""
    return report(
        path,
        (CONTOSO, "Teams", "C-1", "2020-03-02", "2021-05-01"),
        (CONTOSO, "Teams", "C-1", "2020-03-02", "2021-06-01"),
        (CONTOSO, "Exchange", "C-1", "2020-03-02", "6/1/2021"),
        (CONTOSO, "Yammer", "C-9", "2020-03-02", "2021-05-01"),
        (FABRIKAM, "SharePoint Online", "C-2", "2020-11-05", "2021-06"),
        (FABRIKAM, "Teams", "C-3", "2021-07-09", "2021-07-01"),
    )


def test_an_estate_is_taken_over_with_its_source(run: Run, fresh: Path, tmp_path: Path) -> None:
    """Parties first, then claims with all they hold; over and later ones are left out."""
    assert fresh.exists()
    file = cpor(tmp_path / "cpor.tsv")
    ran = run("import", file, "--kind", "cpor_m365", *AS_OF, *PLACED, "--at", AT)
    assert (ran.code, ran.out) == (0, "")
    held = run("holders", "--json").objects
    assert {(row["claim"], row["workload"], row["partner"], row["since"]) for row in held} == {
        ("C-1", "teams", "101", "2020-03-02T00:00:00Z"),
        ("C-1", "exchange", "101", "2020-03-02T00:00:00Z"),
        ("C-2", "sharepoint", "101", "2020-11-05T00:00:00Z"),
    }
    history = run("claim", "history", "C-1", "--json").objects
    assert "cpor.tsv, line 2, as of 2021-06-30" in history[0]["why"]
    assert run("verify").code == 0


def test_importing_again_changes_nothing(run: Run, fresh: Path, tmp_path: Path) -> None:
    """The second time there is nothing to do."""
    assert fresh.exists()
    file = cpor(tmp_path / "cpor.tsv")
    words = ("import", file, "--kind", "cpor_m365", *AS_OF, *PLACED, "--at", AT)
    assert run(*words).code == 0
    head = run("info", "--json").object["position"]
    assert run(*words).code == 0
    assert run("info", "--json").object["position"] == head


def test_a_dry_run_appends_nothing(run: Run, fresh: Path, tmp_path: Path) -> None:
    """And says of each line what it would do."""
    assert fresh.exists()
    file = cpor(tmp_path / "cpor.tsv")
    words = ("import", file, "--kind", "cpor_m365", *AS_OF, *PLACED, "--at", AT)
    ran = run(*words, "--dry-run", "--json")
    assert {row["result"] for row in ran.objects} == {"accepted"}
    assert run("info", "--json").object["position"] == 3


def test_what_the_file_does_not_place_is_left_with_advice(
    run: Run, fresh: Path, tmp_path: Path
) -> None:
    """No organisation, no country: nothing is guessed, and the exit code says so."""
    assert fresh.exists()
    ran = run("import", cpor(tmp_path / "cpor.tsv"), "--kind", "cpor_m365", *AS_OF, "--at", AT)
    assert ran.code == 3
    assert "partner location 101 is not registered" in ran.out
    assert run("info", "--json").object["position"] == 3


def test_an_imported_claim_goes_on_like_any_other(run: Run, fresh: Path, tmp_path: Path) -> None:
    """Its partner adds the proof that no file told."""
    assert fresh.exists()
    file = cpor(tmp_path / "cpor.tsv")
    run("import", file, "--kind", "cpor_m365", *AS_OF, *PLACED, "--at", AT)
    told = [
        line("role.grant", "g-1", AT, grantee="a.admin", role="global_admin", organisation="900"),
        {
            **line(
                "role.grant", "g-2", AT, grantee="a.ann", role="incentive_admin", location="101"
            ),
            "actor": "a.admin",
        },
        {
            **line("claim.add_proof", "g-3", AT, claim="C-2", proof=claim()["proof"]),
            "actor": "a.ann",
        },
    ]
    assert run("submit", write_lines(tmp_path / "on.jsonl", *told)).code == 0
    assert run("claim", "show", "C-2", "--json").object["state"] == "approved"


def list_of(path: Path, *rows: dict[str, str]) -> Path:
    """Our own list."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    told = [",".join(names)] + [",".join(row.get(name, "") for name in names) for row in rows]
    path.write_text("\n".join(told) + "\n", encoding="utf-8")
    return path


_JUNE = {"Month": "2021-06-01", "SubscriptionStartDate": "2021-01-01"}
_OF_JUNE = {"FiscalMonthName": "June, 2021", "SubscriptionStartDate": "2021-01-01"}
_REVENUE = {**_OF_JUNE, "SubscriptionID": "S-3"}
_EA = {**_JUNE, "SubscriptionId": "S-2", "EnrollmentNumber": "E-1"}


@pytest.mark.parametrize(
    "kind,rows,held,left",
    [
        (
            "office365",
            [
                {"Month": "2021-06-01", "PartnerAttributionType": "CPOR"},
                {"Month": "2021-06-01", "PartnerAttributionType": "DPOR"},
            ],
            {("CPOR", "101", "teams", "2021-06-01")},
            ["a DPOR stands on a subscription, and the file names none"],
        ),
        (
            "dynamics365",
            [
                {**_JUNE, "PartnerAttachType": "DPOR"},
                {**_JUNE, "PartnerAttachType": "CPOR OSU", "SubscriptionId": "S-2"},
            ],
            {("DPOR", "101", "S-1", "2021-06-01"), ("CPOR", "101", "S-2", "2021-06-01")},
            [],
        ),
        (
            "power_bi",
            [{**_JUNE, "PartnerAttachType": "CSP Tier 1"}],
            {("CSP_T1", "101", "S-1", "2021-01-01")},
            [],
        ),
        (
            "bizapps_usage",
            [{**_OF_JUNE, "PartnerAssociationType": "CPOR OSU"}, _OF_JUNE],
            {("CPOR", "101", "S-1", "2021-06-01")},
            ["recorded with pal.link"],
        ),
        (
            "bizapps_revenue",
            [{**_REVENUE, "PartnerAssociationType": "CPOR RevRec"}],
            {("CPOR", "101", "S-3", "2021-06-01")},
            [],
        ),
        (
            "azure",
            [
                {**_JUNE, "EnrollmentNumber": "", "PartnerAttributionType": "DPOR"},
                {**_EA, "PartnerAttributionType": "TPOR", "AdminType": "Reseller"},
                {**_EA, "PartnerAttributionType": "TPOR", "AdminType": "Owner"},
                _EA,
            ],
            {("DPOR", "101", "S-1", "2021-06-01"), ("TPOR", "101", None, "2021-06-01")},
            ["recorded with pal.link", "'Owner' is no role on an agreement"],
        ),
        (
            "subscription_details",
            [{**_JUNE, "PartnerAttributionType": "DPOR", "EnrollmentNumber": ""}],
            {("DPOR", "101", "S-1", "2021-06-01")},
            [],
        ),
    ],
)
def test_every_file_of_the_portal_is_taken_over_and_compares_equal(
    run: Run,
    fresh: Path,
    tmp_path: Path,
    kind: str,
    rows: list[dict[str, str]],
    held: set[tuple[str, str, str, str]],
    left: list[str],
) -> None:
    """In its own columns: what can be recorded is held, the rest is left with its reason."""
    party = {"organisation": "100", "name": "Alfa", "country": "CZ"}
    lines = [
        line("organisation.register", "p-1", AT, **party),
        line("location.register", "p-2", AT, **party, location="101"),
    ]
    assert fresh.exists()
    assert run("submit", write_lines(tmp_path / "parties.jsonl", *lines)).code == 0
    file = tmp_path / f"{kind}.tsv"
    file.write_bytes(content(kind, *rows))
    ran = run("import", file, "--kind", kind, *AS_OF, "--country", "CZ", "--at", AT)
    said = ran.out + ran.err
    assert ran.code == (3 if left else 0), said
    assert all(reason in ran.out for reason in left), ran.out
    found = run("holders", "--json", "--effective", "2021-06-30").objects
    assert {
        (row["kind"], row["partner"], row["subscription"] or row["workload"], row["since"][:10])
        for row in found
    } == held, said
    asked = run("compare", file, "--kind", kind, *AS_OF, "--json").objects
    assert {row["difference"] for row in asked} <= ({"theirs_only"} if left else set())


def test_an_organisation_of_two_locations_is_left_to_a_person(
    run: Run, fresh: Path, tmp_path: Path
) -> None:
    """The Business Applications files name no location: which one is meant is not guessed."""
    party = {"organisation": "100", "name": "Alfa", "country": "CZ"}
    assert fresh.exists()
    lines = [line("organisation.register", "p-0", AT, **party)]
    lines += [
        line("location.register", f"p-{one}", AT, **party, location=one) for one in ("101", "102")
    ]
    assert run("submit", write_lines(tmp_path / "parties.jsonl", *lines)).code == 0
    file = tmp_path / "usage.tsv"
    file.write_bytes(content("bizapps_usage", {**_OF_JUNE, "PartnerAssociationType": "CPOR OSU"}))
    ran = run("import", file, "--kind", "bizapps_usage", *AS_OF, "--country", "CZ", "--at", AT)
    assert ran.code == 3
    assert "names the organisation 100 and no partner location" in ran.out


def test_our_own_list_takes_every_kind(run: Run, fresh: Path, tmp_path: Path) -> None:
    """DPOR, a TPOR with its agreement, CSP by the order, a label; a PAL is left."""
    assert fresh.exists()
    partner = {"PartnerID": "101", "GlobalPartnerID": "900", "PartnerLocation": "CZ"}
    there = {**partner, "TenantId": CONTOSO, "CustomerMarket": "CZ", "DateAssociated": "2020-05-04"}
    on = {"SubscriptionId": DYNAMICS, "Product": "Dynamics 365"}
    file = list_of(
        tmp_path / "list.csv",
        {"Kind": "DPOR", **there, **on},
        {"Kind": "CSP Tier 1", **there, **on},
        {"Kind": "Transacting Partner", **there, "Agreement": "EA-1", "AdminType": "reseller"},
        {"Kind": "Deal registration", **there, "Reference": "DR-1"},
        {"Kind": "PAL", **there},
        {"Kind": "Cousin", **there},
    )
    ran = run("import", file, "--kind", "associations", *AS_OF, "--at", AT)
    assert ran.code == 3
    held = {(row["kind"], row["partner"]) for row in run("holders", "--json").objects}
    assert held == {
        ("DPOR", "101"),
        ("CSP_T1", "101"),
        ("TPOR", "101"),
        ("DEAL_REGISTRATION", "101"),
    }
    assert "pal.link" in ran.out
    assert "'Cousin' is no kind of association" in ran.out


def test_files_are_laid_beside_what_we_hold(run: Run, fresh: Path, tmp_path: Path) -> None:
    """Nothing differs from the file that was imported; another date, partner or place does."""
    assert fresh.exists()
    file = cpor(tmp_path / "cpor.tsv")
    run("import", file, "--kind", "cpor_m365", *AS_OF, *PLACED, "--at", AT)
    assert run("compare", file, "--kind", "cpor_m365", *AS_OF, "--json").out == ""
    other = report(
        tmp_path / "other.tsv",
        (CONTOSO, "Teams", "C-1", "2020-03-09", "2021-06-01"),
        (CONTOSO, "Yammer", "C-7", "2020-03-02", "2021-06-01"),
    )
    text = other.read_text("utf-8").replace("C-7\t101", "C-7\t201")
    other.write_text(text, encoding="utf-8")
    found = run("compare", other, "--kind", "cpor_m365", "--json").objects
    assert {(row["difference"], row["on"], row["ours"], row["theirs"]) for row in found} == {
        ("other_date", "teams", "101", "101"),
        ("ours_only", "exchange", "101", None),
        ("theirs_only", "yammer", None, "201"),
    }


@pytest.mark.parametrize(
    "words,code",
    [
        (("--kind", "excel", *AS_OF), "unknown_report_kind"),
        (("--kind", "cpor_m365", "--as-of", "June"), "bad_moment"),
        (("--kind", "azure", *AS_OF), "report_missing_column"),
    ],
)
def test_wrong_use_is_said_before_anything_is_done(
    run: Run, fresh: Path, tmp_path: Path, words: tuple[str, ...], code: str
) -> None:
    """A kind, a date or a file that can't be."""
    assert fresh.exists()
    ran = run("import", cpor(tmp_path / "cpor.tsv"), *words, "--at", AT)
    assert ran.code == 2
    assert code in ran.err
    assert run("info", "--json").object["position"] == 3
