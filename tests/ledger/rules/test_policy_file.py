"""Policy files of one's own: read as TOML or JSON, every wrong line named with its reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ledger.errors import BadInputError
from ledger.rules import data_file, policy_file
from ledger.rules.policy import BUILTIN, builtin, builtin_text


@pytest.mark.parametrize("name", BUILTIN)
def test_a_shipped_policy_is_a_file_to_begin_from(name: str, tmp_path: Path) -> None:
    """As TOML with its comments, or as JSON."""
    toml, plain = tmp_path / "own.toml", tmp_path / "own.json"
    toml.write_text(builtin_text(name), "utf-8")
    plain.write_text(json.dumps(builtin(name)), "utf-8")
    assert policy_file.read(toml)["policy"] == name
    assert policy_file.read(plain) == builtin(name)


@pytest.mark.parametrize(
    "old, new, says",
    [
        ('answer = "5 business days"', 'answer = "soon"', r"line \d+: review\.answer is 'soon'"),
        ("most = 1", "most = -1", r"dispute\.most is -1"),
        ('occupied = "arbitration"', 'occupied = "war"', r"areas\.microsoft_365\.occupied"),
        ("[review]", "[revue]", r"line \d+: revue is .*not permitted"),
        ("recognition_only = false", 'recognition_only = "no idea"', r"activities\.usage"),
    ],
)
def test_a_wrong_value_is_named_by_its_line(old: str, new: str, says: str, tmp_path: Path) -> None:
    """The line is the one on which the wrong key stands."""
    text = builtin_text("P2020").replace(old, new, 1)
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadInputError, match=says) as caught:
        policy_file.read(path)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if each.startswith(new))
    assert f"own.toml, line {line}: " in str(caught.value)
    assert caught.value.code == "bad_policy"


@pytest.mark.parametrize(
    "name, text, line",
    [
        ("own.toml", 'policy = "A"\ntitle = = "B"\n', 2),
        ("own.toml", 'policy = "A"\npolicy = "B"\n', 2),
        ("own.json", '{\n "policy": "A",\n "title" "B"}', 3),
        ("own.json", "[1, 2]", 1),
    ],
)
def test_what_is_no_toml_or_json_is_named_by_its_line(
    name: str, text: str, line: int, tmp_path: Path
) -> None:
    """Nothing of it is looked at."""
    path = tmp_path / name
    path.write_text(text, "utf-8")
    with pytest.raises(BadInputError, match=rf"{name}, line {line}: "):
        policy_file.read(path)


def test_a_value_said_elsewhere_may_be_missing_in_the_file(tmp_path: Path) -> None:
    """The command's calendar goes before the file's, and is not written into it."""
    path = tmp_path / "own.toml"
    path.write_text(builtin_text("P2020").replace('calendar = "default"\n', "", 1), "utf-8")
    with pytest.raises(BadInputError, match="calendar is missing"):
        policy_file.read(path)
    assert "calendar" not in policy_file.read(path, {"calendar": "CZ"})


@pytest.mark.parametrize("content", [b"\xff\xfe", b"x" * (data_file.LARGEST + 1)])
def test_a_file_that_is_no_text_or_too_large_is_refused(content: bytes, tmp_path: Path) -> None:
    """Before anything is parsed."""
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(BadInputError):
        policy_file.read(path)
