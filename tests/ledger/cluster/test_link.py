"""How a node reaches its cluster: read from a file, the environment and the address."""

from __future__ import annotations

import http.server
import json
import os
from pathlib import Path
from threading import Thread

import pytest

from ledger.cluster.clients import Tokens, kafka_python, librdkafka
from ledger.cluster.link import PREFIX, Link, link, settings_file
from ledger.cluster.place import Place, place
from ledger.errors import BadInputError, StorageError

SECRET = "correct horse battery"  # noqa: S105  a made-up one


@pytest.fixture(autouse=True)
def _nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the developer's own settings, nor those of tests on a busy broker."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    """A settings file in a folder."""
    file = folder / "kafka.toml"
    file.write_text(text, "utf-8")
    file.chmod(mode)
    return file


def test_the_file_lies_in_the_nodes_folder(tmp_path: Path) -> None:
    """Where there is none, nothing is read."""
    assert settings_file(tmp_path) == ""
    file = written(tmp_path, "tls = true\n")
    assert link(settings_file(tmp_path)).protocol == "SSL"
    assert settings_file(tmp_path) == str(file)


def test_the_address_goes_before_the_environment_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each says what the one before leaves open."""
    file = written(tmp_path, f'user = "file"\npassword = "{SECRET}"\nrequest_ms = 700\n')
    assert link(file).user == "file"
    monkeypatch.setenv("ATTRIBUTION_KAFKA_USER", "environment")
    assert link(file).user == "environment"
    found = place("kafka://address@h:1/x?tls=1", str(file)).link()
    assert (found.user, found.protocol, found.request_ms) == ("address", "SASL_SSL", 700)


def test_the_variable_names_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For commands before a node has a folder."""
    monkeypatch.setenv("ATTRIBUTION_KAFKA_SETTINGS", str(written(tmp_path, 'user = "named"\n')))
    assert place("kafka://h:1/x").link().user == "named"


def test_a_secret_is_never_shown(tmp_path: Path) -> None:
    """Neither printed, nor in the address, nor in what is said about a wrong file."""
    found = place("kafka://me@h:1/x", str(written(tmp_path, f'password = "{SECRET}"\n')))
    assert SECRET not in f"{found!r} {found.url} {found.link()!r} {found.link()}"
    assert kafka_python(found)["sasl_plain_password"] == SECRET
    file = written(tmp_path, f'password = ["{SECRET}"]\n')
    with pytest.raises(BadInputError) as refused:
        link(file)
    assert SECRET not in str(refused.value)
    assert "password" in str(refused.value)


@pytest.mark.parametrize(
    "text,named",
    [
        ("colour = 1\n", "colour"),
        ("request_ms = 5\n", "request_ms"),
        ('mechanism = "MD5"\n', "mechanism"),
        ('mechanism = "OAUTHBEARER"\n', "token_file"),
        ('mechanism = "OAUTHBEARER"\ntoken_url = "ftp://x"\n', "token_url"),
        ("tls = maybe\n", "TOML"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, text: str, named: str) -> None:
    """What is wrong stands in the error."""
    with pytest.raises(BadInputError, match=named) as refused:
        link(written(tmp_path, text))
    assert refused.value.code == "bad_kafka_settings"


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """It may hold a password."""
    with pytest.raises(BadInputError, match="chmod 600"):
        link(written(tmp_path, "tls = true\n", 0o640))
    with pytest.raises(BadInputError, match="No such file"):
        link(tmp_path / "nowhere.toml")


def test_both_libraries_are_told_the_same(tmp_path: Path) -> None:
    """Protocol, who logs in, and whose certificates are believed."""
    file = written(tmp_path, f'ca_file = "ca.pem"\npassword = "{SECRET}"\ntls = true\n')
    at = place("kafka://me@h:1/x", str(file))
    python, librd = kafka_python(at), librdkafka(at)
    pairs = {
        "bootstrap_servers": "bootstrap.servers",
        "security_protocol": "security.protocol",
        "ssl_cafile": "ssl.ca.location",
        "sasl_mechanism": "sasl.mechanism",
        "sasl_plain_username": "sasl.username",
        "sasl_plain_password": "sasl.password",
        "request_timeout_ms": "socket.timeout.ms",
    }
    assert {ours: python[ours] for ours in pairs} == {o: librd[t] for o, t in pairs.items()}
    assert python["ssl_cafile"] == str(tmp_path / "ca.pem")


def test_without_settings_nothing_is_asked_of_the_cluster() -> None:
    """A plain cluster needs no login."""
    assert "sasl_mechanism" not in kafka_python(Place("h:1", "x"))
    assert librdkafka(Place("h:1", "x"))["security.protocol"] == "PLAINTEXT"


def test_a_token_is_read_from_a_file_that_others_keep_fresh(tmp_path: Path) -> None:
    """And one that is missing is said without its inside."""
    file = tmp_path / "token"
    tokens = Tokens(Link(mechanism="OAUTHBEARER", token_file=file))
    with pytest.raises(StorageError, match="token_file"):
        tokens.token()
    file.write_text("abc\n", "utf-8")
    assert tokens.token() == "abc"


def test_a_token_is_asked_for_with_id_and_secret() -> None:
    """Once, until it is about to run out (RFC 6749 §4.4)."""
    asked: list[str] = []

    class Issuer(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.rfile.read(int(self.headers["Content-Length"])).decode())
            self.send_response(200)
            self.end_headers()
            told = {"access_token": f"t{len(asked)}", "expires_in": 3600}
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_: object) -> None:
            return

    with http.server.HTTPServer(("127.0.0.1", 0), Issuer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/token"
        told = {"token_url": url, "client_id": "me", "client_secret": SECRET, "scope": "kafka"}
        tokens = Tokens(Link.model_validate({"mechanism": "OAUTHBEARER", **told}))
        assert [tokens.token(), tokens.token()] == ["t1", "t1"]
        server.shutdown()
    assert asked == [
        "grant_type=client_credentials&client_id=me&client_secret=correct+horse+battery&scope=kafka"
    ]
