"""What a long-running command answers over HTTP: health, readiness, metrics, and its position.

``/healthz`` (it works) and ``/readyz`` (it has caught up and its last step worked) answer 200 or
503; ``/metrics`` is for Prometheus; ``/position?min=N&timeout=S`` answers as soon as N is reached,
or 504 when it is not in time. Nothing here says what an event holds.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from consumers.service import Service
from ledger.errors import StorageError

LONGEST_WAIT_SECONDS = 60.0


class Answer(NamedTuple):
    """A status, a content type and a body."""

    status: HTTPStatus
    content_type: str
    body: bytes


@contextmanager
def serving(service: Service, host: str, port: int) -> Iterator[int]:
    """Answer for ``service`` while the block runs; the port, a free one where 0 is given.

    Raises ``StorageError`` (``port_taken``) when the address can't be listened on.
    """
    handler = type("Handler", (_Handler,), {"service": service})
    try:
        server = ThreadingHTTPServer((host, port), handler)
    except (OSError, OverflowError) as error:
        raise StorageError(
            f"Can't listen on {host}:{port}: {error}.",
            hint="Name a free port with --metrics-port.",
            code="port_taken",
        ) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def answer(service: Service, target: str) -> Answer:
    """What is answered to a GET of a target such as ``/readyz``."""
    parts = urlsplit(target)
    if parts.path == "/metrics":
        return Answer(HTTPStatus.OK, CONTENT_TYPE_LATEST, generate_latest(service.metrics.registry))
    if parts.path == "/healthz":
        return _told(service, HTTPStatus.OK if service.state().alive else _UNWELL)
    if parts.path == "/readyz":
        return _told(service, HTTPStatus.OK if service.state().ready else _UNWELL)
    if parts.path == "/position":
        return _position(service, parse_qs(parts.query))
    return _json(HTTPStatus.NOT_FOUND, {"error": "not_found"})


_UNWELL = HTTPStatus.SERVICE_UNAVAILABLE


def _position(service: Service, asked: dict[str, list[str]]) -> Answer:
    try:
        wanted = int(asked.get("min", ["0"])[-1])
        timeout = float(asked.get("timeout", ["0"])[-1])
    except ValueError:
        return _json(HTTPStatus.BAD_REQUEST, {"error": "bad_number"})
    if not (0 <= timeout <= LONGEST_WAIT_SECONDS):
        return _json(HTTPStatus.BAD_REQUEST, {"error": "bad_timeout"})
    reached = service.wait_for(wanted, timeout).position >= wanted
    return _told(service, HTTPStatus.OK if reached else HTTPStatus.GATEWAY_TIMEOUT)


def _told(service: Service, status: HTTPStatus) -> Answer:
    return _json(status, {"service": service.name, **service.state().told()})


def _json(status: HTTPStatus, told: dict[str, object]) -> Answer:
    return Answer(status, "application/json", json.dumps(told).encode() + b"\n")


class _Handler(BaseHTTPRequestHandler):
    service: Service
    protocol_version = "HTTP/1.1"
    timeout = 65

    def do_GET(self) -> None:
        """Answer one request."""
        found = answer(self.service, self.path)
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the library's name
        """Nothing: probes would fill the log."""
