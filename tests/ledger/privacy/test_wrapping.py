"""Wrapped keys: what opens where, and which settings are refused without a word of the secret."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from ledger.cluster.link import FILE_VARIABLE, Link, link, told
from ledger.errors import BadInputError
from ledger.privacy.wrapping import UnwrappableError, Wrapping, wrapping_of

KEY = bytes(range(32))
TEXT = b64encode(KEY).decode()


def wrapping(key: bytes = KEY) -> Wrapping:
    """One with chance of its own."""
    return Wrapping(key, random.Random(3).randbytes)


def reason(value: bytes, place: bytes = b"a") -> str:
    """Why a value does not open."""
    with pytest.raises(UnwrappableError) as refused:
        wrapping().unwrap(value, place)
    return refused.value.reason


@given(secret=st.binary(max_size=80), place=st.binary(max_size=40))
def test_what_is_wrapped_opens_in_its_place_alone(secret: bytes, place: bytes) -> None:
    """Under another key, or in another's place, nothing comes out; and it shows nothing."""
    value = wrapping().wrap(secret, place)
    assert wrapping().unwrap(value, place) == secret
    assert reason(value, place + b"x") == "forged_key"
    assert reason(wrapping(bytes(32)).wrap(secret, place), place) == "other_wrapping_key"
    assert len(secret) < 4 or (secret not in value and b64encode(secret)[:-4] not in value)


@given(st.binary(max_size=60) | st.text().map(str.encode))
def test_whatever_lies_in_the_topic_is_read_or_refused(value: bytes) -> None:
    """Nothing but the refusal is raised."""
    assert reason(value) == "no_key"


@pytest.mark.parametrize(
    "change,code",
    [
        ({"v": 2}, "newer_key"),
        ({"v": None}, "newer_key"),
        ({"by": "0" * 16}, "other_wrapping_key"),
        ({"box": "!"}, "no_key"),
        ({"box": 1}, "no_key"),
        ({"box": ""}, "forged_key"),
        ({"box": b64encode(bytes(20)).decode()}, "forged_key"),
    ],
)
def test_a_record_that_was_changed_does_not_open(change: dict[str, object], code: str) -> None:
    """Whichever part of it."""
    right = json.loads(wrapping().wrap(b"secret", b"a"))
    assert reason(json.dumps(right | change).encode()) == code


def test_a_link_shows_nothing_of_the_wrapping_key() -> None:
    """Neither as it is written, nor in what ``info`` tells."""
    both = Link(wrapping_key=SecretStr(TEXT))
    assert TEXT not in repr(both) + str(told(both)) + both.model_dump_json()
    assert TEXT not in repr(vars(wrapping()))
    found = wrapping_of(both, random.Random(1).randbytes)
    assert found is not None
    assert found.name == wrapping().name


def test_no_setting_is_no_wrapping_key() -> None:
    """Nodes of one machine go on with the file that they share."""
    assert wrapping_of(Link(), random.Random(1).randbytes) is None


@pytest.mark.parametrize(
    "text", ["", "c2hvcnQ=", "not base64 at all", b64encode(bytes(33)).decode()]
)
@pytest.mark.parametrize("by_file", [False, True])
def test_a_wrapping_key_that_is_none_is_refused(tmp_path: Path, text: str, by_file: bool) -> None:
    """With how one is made, and without what was given."""
    file = tmp_path / "wrapping.key"
    file.touch(mode=0o600)
    file.write_text(text)
    wrong = {"wrapping_key_file": file} if by_file else {"wrapping_key": text}
    with pytest.raises(BadInputError) as refused:
        wrapping_of(Link.model_validate(wrong), random.Random(1).randbytes)
    assert refused.value.code == "bad_wrapping_key"
    assert not text or text not in str(refused.value)


def test_a_file_with_the_wrapping_key_is_its_owners_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is named in the settings, lies beside them, and may be read by nobody else."""
    settings, file = tmp_path / "kafka.toml", tmp_path / "wrapping.key"
    for each, text in ((settings, 'wrapping_key_file = "wrapping.key"\n'), (file, f"{TEXT}\n")):
        each.touch(mode=0o600)
        each.write_text(text)
    monkeypatch.setenv(FILE_VARIABLE, str(settings))
    found = wrapping_of(link(), random.Random(1).randbytes)
    assert found is not None
    assert found.name == wrapping().name
    for spoiled in ("open to others", "gone"):
        file.chmod(0o640) if spoiled == "open to others" else file.unlink()
        with pytest.raises(BadInputError) as refused:
            wrapping_of(link(), random.Random(1).randbytes)
        assert refused.value.code == "bad_wrapping_key"
        assert TEXT not in str(refused.value)
