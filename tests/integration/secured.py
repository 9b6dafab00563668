"""A broker that asks who is there, over TLS, with rights for each: certificates of its own."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from kafka import KafkaAdminClient
from kafka.admin import UserScramCredentialUpsertion

from scripts.kafka.broker import Broker, Door, artifacts, free_port

ACLS = Path(__file__).parents[2] / "scripts" / "kafka" / "acls.sh"
PASSWORDS = {
    "operator": "operator secret",
    "node": "node secret",
    "reader": "reader secret",
    "nobody": "nobody secret",
}
_SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
_BEARER = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;"
_DAYS = timedelta(days=2)


class Secured(NamedTuple):
    """The running broker: where it takes logins, and the certificate of who vouches for it."""

    broker: Broker
    servers: str
    ca: Path
    folder: Path

    def settings(self, name: str, **told: str) -> Path:
        """A settings file for a client, readable by its owner alone."""
        lines = {"tls": True, "ca_file": str(self.ca), **told}
        file = self.folder / f"{name}.toml"
        file.write_text("".join(f"{key} = {json.dumps(lines[key])}\n" for key in lines), "utf-8")
        file.chmod(0o600)
        return file

    def as_user(self, user: str, password: str | None = None) -> Path:
        """The settings of a user who logs in with a password."""
        return self.settings(user, user=user, password=password or PASSWORDS[user])

    def grant(self, prefix: str, *words: str) -> str:
        """Run ``acls.sh`` for a place; what it printed."""
        tool = self.folder / "kafka-acls"
        tool.write_text(
            f'#!/bin/sh\nexec java -cp "{artifacts()}/*" org.apache.kafka.tools.AclCommand "$@"\n'
        )
        tool.chmod(0o700)
        ran = subprocess.run(
            [str(ACLS), prefix, "--bootstrap-server", self.broker.servers, *words],
            env={"PATH": "/usr/bin:/bin:/usr/local/bin", "KAFKA_ACLS": str(tool)} | _java_home(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


def _java_home() -> dict[str, str]:
    import os

    return {name: os.environ[name] for name in ("PATH", "JAVA_HOME") if name in os.environ}


@contextmanager
def secured(folder: Path) -> Iterator[Secured]:
    """A broker with a listener for everybody who administers, and one with TLS and logins."""
    ca, server = _certificates(folder)
    port = free_port()
    own = "listener.name.secured"
    settings = {
        f"{own}.sasl.enabled.mechanisms": "SCRAM-SHA-512,OAUTHBEARER",
        f"{own}.scram-sha-512.sasl.jaas.config": _SCRAM,
        f"{own}.oauthbearer.sasl.jaas.config": _BEARER,
        f"{own}.ssl.keystore.type": "PEM",
        f"{own}.ssl.keystore.location": server,
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "super.users": "User:ANONYMOUS",  # whoever reaches the plain listener: the test
    }
    door = Door("SECURED", port, port, "SASL_SSL")
    with Broker(folder / "broker", doors=[door], settings=settings) as broker:
        admin = KafkaAdminClient(bootstrap_servers=broker.servers)
        admin.alter_user_scram_credentials(
            [UserScramCredentialUpsertion(u, "SCRAM-SHA-512", p) for u, p in PASSWORDS.items()]
        )
        admin.close()
        yield Secured(broker, f"127.0.0.1:{port}", ca, folder)


def unsigned_token(user: str) -> str:
    """A bearer token as the broker's validator for development takes it (RFC 7519 §6)."""
    now = datetime.now(UTC).timestamp()
    claims = {"sub": user, "iat": now - 10, "exp": now + 3600}
    parts = [{"alg": "none"}, claims]
    text = [base64.urlsafe_b64encode(json.dumps(it).encode()).rstrip(b"=").decode() for it in parts]
    return f"{text[0]}.{text[1]}."


def _certificates(folder: Path) -> tuple[Path, Path]:
    """The certificate of an authority of this test alone, and a broker's key with its chain."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, server_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name, server_name = _name("Test authority"), _name("Test broker")
    ca = (
        _certificate(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    hosts = x509.SubjectAlternativeName(
        [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    )
    server = (
        _certificate(server_name, ca_name, server_key.public_key())
        .add_extension(hosts, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    key = server_key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(ca.public_bytes(pem))
    (folder / "server.pem").write_bytes(key + server.public_bytes(pem) + ca.public_bytes(pem))
    return folder / "ca.pem", folder / "server.pem"


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAYS)
        .not_valid_after(now + _DAYS)
    )
