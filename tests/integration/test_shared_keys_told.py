"""Shared keys as a user has them: each machine with a folder of its own, by the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from interfaces.cli import main as cli
from ledger.app import Ledger
from ledger.cluster.link import FILE_VARIABLE
from ledger.cluster.place import Place
from tests.claim_to_come import begin
from tests.integration.test_shared_keys import BORN_US, claim, contact, new_wrapping_key

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; its exit code, and what it said."""

    def told(*words: str | Path) -> tuple[int, str]:
        code = cli.run([*map(str, words)])
        said = capsys.readouterr()
        return code, said.err if code else said.out

    return told


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The wrapping key in a file that the settings of this machine name."""
    settings, file = tmp_path / "kafka.toml", tmp_path / "wrapping.key"
    for each, text in ((file, new_wrapping_key()), (settings, f'wrapping_key_file = "{file}"\n')):
        each.touch(mode=0o600)
        each.write_text(text)
    monkeypatch.setenv(FILE_VARIABLE, str(settings))
    return file


def test_who_may_see_a_contact_sees_it_at_any_node_until_it_is_erased(
    run: Run, key_file: Path, place: Place, tmp_path: Path
) -> None:
    """Shown, refused to others, erased at one, gone at the other; and the key is in no answer."""
    one, two = tmp_path / "one", tmp_path / "two"
    with Ledger.create(one, log=place.url, clock_kind="told", at_us=BORN_US) as ledger:
        begin(ledger)
        claim(ledger)
        key = contact(ledger).key
    said = [run("node", "join", place.url, "--folder", two)]
    shown = run("--ledger", two, "person", "show", key, "--as", "anna")
    assert "jana@contoso.example" in shown[1]
    assert run("--ledger", two, "person", "show", key, "--as", "otto")[0] == 3
    said.append(run("--ledger", two, "person", "keys", "--json"))
    assert [json.loads(line)["in_topic"] for line in said[-1][1].splitlines()] == [True, True]
    said.append(run("--ledger", two, "info"))
    at = ("--at", "2021-03-02T09:00:00Z")
    said.append(run("--ledger", two, "person", "erase", "--contact", "jana@contoso.example", *at))
    assert "in_topic" in said[-1][1]
    said.append(run("--ledger", one, "person", "show", key))
    assert "jana" not in said[-1][1]
    assert "erased" in said[-1][1]
    said.append(run("--ledger", one, "verify"))
    said.append(run("--ledger", one, "rebuild"))
    assert [code for code, _ in said] == [0] * len(said)
    assert key_file.read_text() not in "".join(text for _, text in said)


def test_a_ledger_made_before_is_told_to_share(
    run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step says what is missing, and nothing is left of a join that was refused."""
    with Ledger.create(tmp_path / "one", log=place.url) as ledger:
        assert not ledger.keys.shared
    join = ("node", "join", place.url, "--folder", tmp_path / "two")
    share = ("--ledger", tmp_path / "one", "node", "share-keys")
    for words in (join, share):
        code, said = run(*words)
        assert (code, "wrapping_key_file" in said) == (2, True)
    monkeypatch.setenv("ATTRIBUTION_KAFKA_WRAPPING_KEY", "short")
    assert "openssl rand -base64 32" in run(*share)[1]
    monkeypatch.setenv("ATTRIBUTION_KAFKA_WRAPPING_KEY", new_wrapping_key())
    code, said = run(*join)
    assert (code, "node share-keys" in said) == (2, True)
    assert not (tmp_path / "two").exists()
    assert run(*share)[0] == 0
    assert run(*join)[0] == 0
    Ledger.create(tmp_path / "alone").close()
    code, said = run("--ledger", tmp_path / "alone", "node", "share-keys")
    assert (code, "lies in a folder" in said) == (2, True)


def test_a_copy_in_a_folder_needs_no_wrapping_key(
    run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its keys are its own again: known contacts open, and new persons get keys in its file."""
    monkeypatch.setenv("ATTRIBUTION_KAFKA_WRAPPING_KEY", new_wrapping_key())
    with Ledger.create(tmp_path / "one", log=place.url, clock_kind="told", at_us=BORN_US) as ledger:
        begin(ledger)
    assert run("copy", tmp_path / "one", tmp_path / "house")[0] == 0
    monkeypatch.delenv("ATTRIBUTION_KAFKA_WRAPPING_KEY")
    with Ledger.open(tmp_path / "house") as house:
        claim(house)
        assert house.keys.open(contact(house)) is not None
