"""The published schemas follow from the models, and drift is noticed by name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest
from jsonschema import Draft202012Validator

from schemas import generate


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the published schemas that a test may spoil."""
    return Path(shutil.copytree(generate.FOLDER, tmp_path / "json"))


def test_the_published_schemas_are_those_of_the_models() -> None:
    """Nobody changed a model and forgot to run the generator, or a frozen file at all."""
    assert list(generate.drift()) == []


@pytest.mark.parametrize("path", sorted(generate.FOLDER.iterdir()), ids=lambda path: path.name)
def test_a_published_schema_is_valid_and_named(path: Path) -> None:
    """Each file is JSON Schema 2020-12 under the name that ``dataschema`` gives it."""
    schema = orjson.loads(path.read_bytes())
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"urn:attribution:schema:{path.name.removesuffix('.schema.json')}"


def test_the_same_models_give_the_same_bytes_in_another_process(tmp_path: Path) -> None:
    """Generating is deterministic, whatever the seed of Python's hashes."""
    command = [sys.executable, "-m", "schemas.generate", "--folder", str(tmp_path)]
    done = subprocess.run(
        command,
        cwd=generate.FOLDER.parents[1],
        env={"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == generate.generated()
    assert len(done.stdout.splitlines()) == len(written)


def test_writing_mends_what_drifted_and_deletes_nothing(folder: Path) -> None:
    """Only files that differ are written; files of no known type stay."""
    (folder / "claim.submitted.v1.schema.json").write_text("{}")
    (folder / "claim.approved.v1.schema.json").unlink()
    (folder / "claim.submitted.v0.schema.json").write_text("{}")
    assert generate.write(folder) == [
        "claim.approved.v1.schema.json",
        "claim.submitted.v1.schema.json",
    ]
    assert generate.write(folder) == []
    assert (folder / "claim.submitted.v0.schema.json").exists()


@pytest.mark.parametrize(
    "name, advice",
    [
        ("claim.submitted.v1.schema.json", "python -m schemas.generate"),
        ("envelope.schema.json", "python -m schemas.generate"),
        ("customer.registered.v1.schema.json", "git checkout"),
        ("claim.submitted.v0.schema.json", "delete it"),
    ],
)
def test_a_changed_file_is_named_with_what_to_do(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, advice: str
) -> None:
    """``--check`` exits 1, says which file drifted and what to run, and writes nothing."""
    (folder / name).write_text("{}")
    assert generate.main(["--check", "--folder", str(folder)]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert name in said[0]
    assert advice in said[0]
    assert (folder / name).read_text() == "{}"


@pytest.mark.parametrize("name", ["claim.submitted.v1", "customer.registered.v1"])
def test_a_missing_file_is_noticed(folder: Path, name: str) -> None:
    """A deleted schema is drift too, of a current and of an older version."""
    (folder / generate.file_name(name)).unlink()
    assert [sentence for sentence in generate.drift(folder) if name in sentence]


def test_an_undrifted_folder_passes_the_check(folder: Path) -> None:
    """``--check`` exits 0 where all is as generated."""
    assert generate.main(["--check", "--folder", str(folder)]) == 0
