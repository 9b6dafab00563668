"""docker-compose.yml and the Dockerfile are valid, and true of the program that they start."""

from __future__ import annotations

import re

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator

from interfaces.analytics import VARIABLE as ANALYTICS_VARIABLE
from interfaces.cli.main import command
from interfaces.cli.settings import VARIABLE as LEDGER_VARIABLE
from interfaces.nodes import VARIABLE as NODE_VARIABLE
from tests.compose import FILE, OTHERS, command_lines, own, services
from tests.house.tree import ROOMS, ROOT

SPECIFICATION = ROOT / "tests" / "house" / "compose_specification" / "compose-spec.json"
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")


def test_the_file_is_valid_by_the_published_schema_of_the_specification() -> None:
    """And the schema can fail."""
    validator = Draft202012Validator(orjson.loads(SPECIFICATION.read_bytes()))
    told = yaml.safe_load(FILE.read_text("utf-8"))
    assert [f"{error.json_path}: {error.message}" for error in validator.iter_errors(told)] == []
    told["services"]["node"]["restarts"] = "always"
    assert not validator.is_valid(told)


def test_no_port_is_open_to_a_network_and_no_image_floats() -> None:
    """Every port listens on this machine only; every image, and the base of ours, has a version."""
    for service in services().values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
        assert re.search(r":\d+\.\d+", service["image"])
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert all(re.search(r":\d+\.\d+\.\d+", base) for base in bases)


def test_every_service_that_stays_says_how_it_is() -> None:
    """Ours by the endpoint that it was told to answer on."""
    for name, service in services().items():
        if name == "setup":
            continue
        test = service["healthcheck"]["test"]
        assert test
        if name not in OTHERS:
            port = service["environment"]["ATTRIBUTION_METRICS_PORT"]
            assert f"http://127.0.0.1:{port}/readyz" in test[-1]
            assert any(published.endswith(f":{port}") for published in service["ports"])


def test_all_that_the_set_up_needs_is_there() -> None:
    """The servers, one that makes the ledger, the node, relay, publisher of holders, sink."""
    needed = {"kafka", "clickhouse", "setup", "node", "relay", "publisher", "sink"}
    assert set(services()) >= needed
    calls = [line for service in own().values() for line in command_lines(service)]
    first = {tuple(line[:2]) for line in calls}
    assert {("topics", "create"), ("node", "where"), ("init",), ("relay",), ("sink",)} <= first
    assert ("keeper", "--lapses-every") in first


@pytest.mark.parametrize("name", sorted(own()))
def test_every_command_that_a_service_runs_can_be_parsed(name: str) -> None:
    """The words are those of the program: it shows its help for each, options and all."""
    for line in command_lines(own()[name]):
        assert command()([*line, "--help"], prog_name="attribution", standalone_mode=False) == 0


@pytest.mark.parametrize("name", sorted(own()))
def test_every_variable_of_a_service_is_one_that_the_program_reads(name: str) -> None:
    """A misspelt one would be ignored in silence."""
    options = command().commands["keeper"].params
    read = {variable for option in options for variable in _names(option.envvar)}
    read |= {LEDGER_VARIABLE, NODE_VARIABLE, ANALYTICS_VARIABLE}
    assert set(own()[name]["environment"]) <= read


def _names(envvar: str | list[str] | None) -> list[str]:
    return [envvar] if isinstance(envvar, str) else list(envvar or ())


def test_the_image_is_made_of_what_there_is_and_runs_without_rights() -> None:
    """Every path that it copies exists and is sent to Docker; the user is not root."""
    sent = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    copied = {
        path
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for path in line.split()[:-1]
    }
    assert copied == sent
    assert all((ROOT / path).exists() for path in copied)
    assert set(ROOMS) <= copied
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["attribution"]
