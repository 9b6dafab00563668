"""Who may see what: every command, asked by rivals, customers and checkers (domain.md §14.2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from interfaces.cli import main, reference
from projections.claim_sentences import COMPARED
from projections.visibility import table
from tests.interfaces import rivals_story
from tests.interfaces.conftest import Run
from tests.interfaces.rivals_story import (
    CONTOSO,
    LOADED_AT,
    OF_ALPHA,
    OF_BETA,
    REPORT,
    SLOT,
    WHY,
    write_azure,
)

RATES = str(Path(__file__).parents[1] / "rates.toml")
"""A rate card of the reader's own."""

FILE = "a file that gives Alpha's place to Beta"
KEY = "the key of Alpha's contact"

ASKED: dict[str, tuple[str, ...] | None] = {
    "claim list": ("--slot", SLOT),
    "claim export": (),
    "claim show": ("CLAIM-ALPHA",),
    "claim history": ("CLAIM-BETA",),
    "holders": (),
    "associations": (),
    "recognition": (),
    "deadlines": (),
    "pal list": (),
    "pal why": ("dev-alpha", CONTOSO),
    "pal roles": (),
    "pal earning": ("S-1",),
    "pal pec": ("S-1", "--month", "2020-07"),
    "cua list": (),
    "cua ids": (),
    "gdap list": (),
    "log": (),
    "subscription": ("S-1",),
    "diff": ("1", "31"),
    "compare": (FILE, "--kind", "azure"),
    "export cpor-m365": ("--month", "2020-08"),
    "export azure": ("--month", "2020-08"),
    "export earnings": ("alpha-org", "--month", "2020-08"),
    "export ineligible-usage": ("--statement", "S-ALPHA"),
    "usage list": (),
    "usage kinds": (),
    "usage conflicts": (),
    "usage gaps": (),
    "roles": (),
    "enrolments": (),
    "competencies": (),
    "prerequisites": ("alpha-one", "--programme", "OSU"),
    "growth": ("--by", "partner"),
    "level": ("alpha-org", "--programme", "modern_work_2023", "--month", "2020-08"),
    "earning": ("alpha-org", "--month", "2020-08"),
    "outlook": ("alpha-org", "--known", "2020-09-20"),
    "what-if": ("alpha-org", "--month", "2020-08", "--rates", RATES),
    "statement list": (),
    "statement show": ("S-ALPHA",),
    "statement verify": (),
    "statement diff": ("S-ALPHA",),
    "info": (),
    "verify": (),
    # The operator's own.
    "clock": (),
    "rebuild": ("--only", "views"),
    "topics create": ("kafka://127.0.0.1:1/x",),
    "topics check": ("kafka://127.0.0.1:1/x",),
    "node join": ("kafka://127.0.0.1:1/x", "--keys", "keys.db"),
    "node where": ("kafka://127.0.0.1:1/x",),
    "node share-keys": (),
    "init": (),
    "copy": ("one", "other"),
    "export log": ("log.tar",),
    "import-log": ("log.tar", "other", "--keys", "keys.db"),
    "keeper": ("--once",),
    "relay": ("--once",),
    "sink": ("--once",),
    "analytics check": (),
    "analytics ddl": (),
    "analytics unattributed": (),
    "publisher": ("--once",),
    "quarantine list": (),
    "quarantine show": ("1",),
    "quarantine redrive": (),
    "subscribe": ("--once",),
    # Nobody's.
    "commands": (),
    "kinds": (),
    "workloads": (),
    "permissions": (),
    "policy list": (),
    "policy show": ("P2020",),
    "policy check": ("no-such-file.toml",),
    "programme list": (),
    "programme show": ("modern_work_2023",),
    "programme check": ("no-such-file.toml",),
    "person keys": (),
    "person show": (KEY,),
    # Who acts is said by the command itself, and the role table decides.
    "submit": None,
    "import": None,
    "usage load": None,
    "usage withdraw": None,
    "statement issue": None,
    "person erase": None,
}
"""A question for every command of the command line; a new command needs its line here."""

TELLS_OF_ALPHA = {
    "claim export",
    *("claim list", "claim show", "holders", "associations", "recognition", "log", "subscription"),
    *("pal list", "cua list", "cua ids", "gdap list"),
    *("diff", "roles", "enrolments", "competencies", "prerequisites"),
    *("person keys", "person show", "claim history", "pal earning", "pal pec"),
    *("usage conflicts", "export cpor-m365", "export azure", "compare", "growth", "level"),
    *(
        "earning",
        "outlook",
        "what-if",
        "statement list",
        "statement show",
        "export ineligible-usage",
    ),
}
"""Commands whose answer to the folder's owner names the holder: leaving it out says something."""

STRANGERS = ("bob.beta", "admin.beta", "spy", "fabrikam.admin", "hana", "nobody")
"""Who may not read about Alpha: rivals, a reviewer of a rival's, another customer, analysts."""


@pytest.fixture(scope="module")
def rivals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the rivals' ledger, only read."""
    folder = tmp_path_factory.mktemp("rivals")
    story = rivals_story.write(folder / "files")
    ledger = folder / "ledger"
    words = ("init", str(ledger), "--clock", "told", "--at", rivals_story.BIRTH, "--json")
    assert main.run(words) == 0
    here = ("--ledger", str(ledger), "--json")
    assert main.run(["submit", str(story), *here, "--quiet"]) == 0
    first = write_azure(
        folder / "first.tsv", ("alpha-one", "2020-07", "100"), ("alpha-one", "2020-08", "140")
    )
    again = write_azure(folder / "again.tsv", ("alpha-one", "2020-08", "150"))
    for name, path in ((REPORT, first), ("again", again)):
        how = ("--kind", "azure", "--exported", "2020-11-05", "--report", name)
        assert main.run(["usage", "load", str(path), *how, *here, "--at", LOADED_AT]) == 0
    write_azure(ledger.parent / "theirs.tsv", ("beta-one", "2020-08", "9"))
    issued = ("alpha-org", "2020-08", "--id", "S-ALPHA", "--at", LOADED_AT)
    assert main.run(["statement", "issue", *issued, *here]) == 0
    return ledger


@pytest.fixture
def ask(run: Run, rivals: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Asks a command as somebody (the folder's owner when None)."""
    monkeypatch.setenv("ATTRIBUTION_LEDGER", str(rivals))

    def asked(command: str, actor: str | None, *more: str) -> Any:
        who = () if actor is None else ("--as", actor)
        meant = {FILE: lambda: str(rivals.parent / "theirs.tsv"), KEY: lambda: key_of_alpha(run)}
        words = [meant.get(word, lambda word=word: word)() for word in ASKED[command] or ()]
        return run(*command.split(), *words, *who, *more)

    return asked


def key_of_alpha(run: Run) -> str:
    """The key of the person whom Alpha named as its own contact."""
    listed = [json.loads(text) for text in run("person", "keys", "--json").out.splitlines()]
    (key,) = [
        row["key"]
        for row in listed
        if row["claims"] == ["CLAIM-ALPHA"] and row["places"] == ["partner_contact"]
    ]
    return str(key)


def own_words(command: str, actor: str) -> set[str]:
    """What the one who asks typed itself, and so may be told back."""
    return {actor, *(ASKED[command] or ())}


def test_every_command_is_asked_here_and_only_those_that_there_are() -> None:
    """A new command shows nothing to anybody unseen: it needs a line in ``ASKED``."""
    assert set(ASKED) == set(reference.commands())
    assert set(table()["commands"]) <= set(reference.commands())


@pytest.mark.parametrize("command", [name for name, words in ASKED.items() if words is not None])
@pytest.mark.parametrize("form", [(), ("--json",)], ids=["table", "json"])
def test_nobody_reads_of_another_partner(ask: Any, command: str, form: tuple[str, ...]) -> None:
    """No name, claim, person, title or reason of Alpha's reaches who has no right to it."""
    for actor in STRANGERS:
        if (actor, command) in {("hana", "growth"), ("hana", "level")}:
            continue  # an analyst sees growth
        if (actor, command) == ("spy", "subscription"):
            continue
        ended = ask(command, actor, *form)
        told = ended.out
        for word in (*OF_ALPHA, WHY):
            may = word in own_words(command, actor) or (actor == "spy" and command in _BY_INTEREST)
            assert may or word not in told, (actor, command, told)


_BY_INTEREST = {
    *("holders", "associations", "enrolments", "competencies", "prerequisites", "roles", "log"),
    *("recognition", "deadlines", "pal list", "pal why", "pal earning", "pal pec"),
    *("cua list", "cua ids", "gdap list"),
}
"""Of what does not compete with its employer a reviewer or auditor reads all the same."""


@pytest.mark.parametrize("command", sorted(TELLS_OF_ALPHA))
def test_the_folders_owner_and_an_operator_see_all(ask: Any, command: str) -> None:
    """Trusted without ``--as``, and as an actor with the operator's role."""
    for actor in (None, "operator"):
        ended = ask(command, actor, "--json")
        assert ended.code == 0, ended.err
        assert any(word in ended.out for word in OF_ALPHA), ended.out


@pytest.mark.parametrize("command", sorted(TELLS_OF_ALPHA - {"roles", "person show"}))
def test_an_auditor_of_no_organisation_sees_all_claims(ask: Any, command: str) -> None:
    """Auditors replay everything."""
    ended = ask(command, "otto", "--json")
    assert ended.code == 0, ended.err
    assert any(word in ended.out for word in OF_ALPHA)


@pytest.mark.parametrize(
    "command",
    ["usage list", "usage conflicts", "usage gaps", "export azure", "export cpor-m365", "compare"],
)
def test_what_is_told_whole_or_not_at_all_is_refused_to_strangers(ask: Any, command: str) -> None:
    """The owner is answered; who may not see everything there is told that, not a part."""
    assert ask(command, None, "--json").code == 0
    for actor in STRANGERS:
        ended = ask(command, actor, "--json")
        assert (ended.code, ended.out) == (3, ""), actor
        assert json.loads(ended.err)["error"] == "not_visible"


def test_a_ranking_leaves_out_whom_one_may_not_see_and_tells_no_places(run: Run, ask: Any) -> None:
    """The owner sees everybody's place; a partner its own line, and nobody else's."""
    del ask  # names the ledger
    asked = ("level", "--all", "--programme", "modern_work_2023", "--month", "2020-08", "--json")
    everybody = {row["partner"]: row["rank"] for row in rows(run(*asked))}
    assert everybody["alpha-org"] in {1, 2, 3}
    seen = {actor: run(*asked, "--as", actor) for actor in (*STRANGERS, "eva.alpha")}
    for actor, ended in seen.items():
        told = [json.loads(text) for text in ended.out.splitlines()]
        ranks = {row["rank"] for row in told}
        whole = len(told) == len(everybody)
        assert ranks == set(everybody.values()) if whole else ranks <= {None}, actor
        partners = {row["partner"] for row in told}
        assert ("alpha-org" in partners) == (actor in {"hana", "eva.alpha"}), (actor, ended)


def rows(ended: Any) -> list[dict[str, Any]]:
    """The objects of an answer in JSON."""
    assert ended.code == 0, ended.err
    return [json.loads(text) for text in ended.out.splitlines()]


def test_a_claimant_sees_that_another_holds_not_who_nor_why(ask: Any) -> None:
    """The slot, and nothing that names the holder or says since when and by what."""
    (held,) = rows(ask("holders", "bob.beta", "--json"))
    told = {name: value for name, value in held.items() if value is not None}
    assert set(told) <= {*table()["masked"]["keep"], "partner"}
    assert (told["slot"], told["partner"]) == (SLOT, "another partner")
    assert told["label"] == told["kind"]  # a narrower one can tell who it is


def test_who_asks_for_nothing_there_does_not_even_see_that(ask: Any) -> None:
    """Another customer's admin, and a partner's admin without a claim."""
    assert rows(ask("holders", "fabrikam.admin", "--json")) == []
    assert rows(ask("claim list", "fabrikam.admin", "--json")) == []


def test_a_partner_sees_its_own_claim_and_its_history(ask: Any) -> None:
    """What was decided about it, with its rule; not by whom between rivals, nor their reason."""
    (claim,) = rows(ask("claim list", "bob.beta", "--json"))
    assert claim["claim"] == "CLAIM-BETA"
    steps = rows(ask("claim history", "bob.beta", "--json"))
    assert steps[-1]["what"].startswith("Lost the arbitration for teams")
    assert steps[-1]["other_claim"] == steps[-1]["actor"] == "hidden"
    assert steps[-1]["why"] == COMPARED


def test_the_log_shows_an_arbitration_to_both_sides_without_the_other(ask: Any) -> None:
    """One event tags both; each side sees its own half."""
    for actor, own, other in (("bob.beta", OF_BETA, OF_ALPHA), ("anna.alpha", OF_ALPHA, OF_BETA)):
        decided = rows(ask("log", actor, "--json", "--type", "arbitration"))[0]
        assert own[2] in str(decided)
        assert not any(word in str(decided) for word in other)
        assert decided["data"]["reason"] == decided["actor"] == "hidden"


def test_a_customer_sees_its_own_tenant_whole(ask: Any) -> None:
    """Who claims there, who holds, and why."""
    listed = {row["claim"] for row in rows(ask("claim list", "contoso.admin", "--json"))}
    assert listed == {"CLAIM-ALPHA", "CLAIM-BETA"}
    steps = rows(ask("claim history", "contoso.admin", "--json"))
    assert WHY in steps[-1]["why"]
    events = rows(ask("log", "contoso.admin", "--json", "--tenant", CONTOSO))
    assert {"anna.alpha", "bob.beta"} <= {event["actor"] for event in events}


def test_a_reviewer_of_a_rival_does_not_see_what_competes_with_its_employer(ask: Any) -> None:
    """Its employer's claims yes, the rival's on the same slot no (§14.5)."""
    listed = {row["claim"] for row in rows(ask("claim list", "spy", "--json"))}
    assert listed == {"CLAIM-BETA"}
    assert {row["claim"] for row in rows(ask("claim list", "rita", "--json"))} == {
        "CLAIM-ALPHA",
        "CLAIM-BETA",
    }


def test_a_claim_that_one_may_not_see_is_as_one_that_is_not_there(ask: Any, run: Run) -> None:
    """The answer does not tell whether there is one."""
    hidden = ask("claim show", "bob.beta")
    missing = run("claim", "show", "CLAIM-GAMMA", "--as", "bob.beta")
    assert hidden.code == missing.code == 3
    assert hidden.err.replace("ALPHA", "GAMMA") == missing.err


@pytest.mark.parametrize(
    "command",
    [
        *("clock", "rebuild", "init", "topics create", "node join", "node where"),
        "node share-keys",
        *("copy", "export log", "import-log"),
    ],
)
def test_what_the_table_does_not_name_is_the_operators_alone(ask: Any, command: str) -> None:
    """A command that nobody thought about shows and does nothing for others."""
    ended = ask(command, "otto", "--json")
    assert (ended.code, ended.out) == (3, "")
    assert json.loads(ended.err)["error"] == "not_visible"


@pytest.mark.parametrize("how, subject", [("asks", "claims"), ("rows", "claims")])
def test_every_way_of_the_table_names_a_subject_of_it(how: str, subject: str) -> None:
    """No command is judged by a subject that is not there."""
    ways = {tuple(way.partition(":")[::2]) for way in table()["commands"].values()}
    assert (how, subject) in ways
    assert {way for way, _ in ways} == {"asks", "rows", "whole", "public", "acts"}
    assert {about for way, about in ways if way in ("asks", "rows")} <= set(table()["subjects"])
    assert all("§" in row["source"] for row in table()["subjects"].values())


@pytest.mark.parametrize("reader", ["rita", "anna.alpha", "contoso.admin"])
def test_a_contact_is_shown_to_who_needs_it(ask: Any, reader: str) -> None:
    """The reviewer, the location that named the person, the customer whose claim it is."""
    (told,) = rows(ask("person show", reader, "--json"))
    assert told["email"] == "sales@alpha.example"


@pytest.mark.parametrize("reader", ["otto", "eva.alpha", "bob.beta", "fabrikam.admin"])
def test_a_contact_is_hidden_from_everybody_else(ask: Any, reader: str) -> None:
    """Auditors and executives need no address, rivals and other customers still less."""
    ended = ask("person show", reader, "--json")
    assert (ended.code, ended.out) == (3, "")


def test_no_contact_is_ever_in_the_log_or_a_claim(ask: Any) -> None:
    """Not even for the folder's owner: it is asked for by its key, one at a time."""
    for command in ("log", "claim show", "claim history", "claim list"):
        assert "@" not in ask(command, None, "--json").out


@pytest.mark.parametrize("reader, may", [("anna.alpha", True), ("bob.beta", False)])
def test_why_a_link_measures_is_told_to_its_own_partner(ask: Any, reader: str, may: bool) -> None:
    """A partner verifies its own links, and nobody else's (domain.md §10, 7)."""
    assert ask("pal why", reader).code == (0 if may else 3)
