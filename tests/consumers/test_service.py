"""What every long-running command shows: its log, its health, its metrics, its position."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from consumers.endpoint import serving
from consumers.json_lines import secrets_of
from consumers.service import ALIVE_SECONDS, Service
from ledger.cluster.link import link
from ledger.errors import StorageError
from schemas.time import from_iso


class Clock:
    """A monotonic clock that the test moves."""

    now = 0.0

    def __call__(self) -> float:
        """The seconds that it shows."""
        return self.now


@contextmanager
def answering(service: Service) -> Iterator[str]:
    """The address at which a service answers."""
    with serving(service, "127.0.0.1", 0) as port:
        yield f"http://127.0.0.1:{port}"


def get(url: str) -> tuple[int, str]:
    """The status and the body of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answered:  # noqa: S310  our own address
            return answered.status, answered.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def told(log: io.StringIO) -> list[dict[str, Any]]:
    """The lines of a log."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_service_is_ready_when_it_has_caught_up_and_while_its_steps_work() -> None:
    """Not before, not while it waits for the cluster, not when it stops; alive all the time."""
    service = Service("keeper", to=io.StringIO())
    with answering(service) as at:
        assert (get(f"{at}/healthz")[0], get(f"{at}/readyz")[0]) == (200, 503)
        service.reached(5, 9)
        assert get(f"{at}/readyz")[0] == 503
        service.reached(9, 9)
        assert get(f"{at}/readyz")[0] == 200
        service.reached(9, 12)
        assert get(f"{at}/readyz")[0] == 200, "a lag alone is no outage"
        service.waits("kafka_unreachable", "Kafka can't be reached.")
        status, body = get(f"{at}/readyz")
        assert (status, json.loads(body)["what"]) == (503, "waiting: kafka_unreachable")
        assert get(f"{at}/healthz")[0] == 200
        service.reached(12, 12)
        service.stop()
        assert (get(f"{at}/healthz")[0], get(f"{at}/readyz")[0]) == (200, 503)


def test_a_service_without_a_sign_of_life_is_dead() -> None:
    """A step that hangs is noticed from outside."""
    clock = Clock()
    service = Service("relay", to=io.StringIO(), monotonic=clock)
    service.reached(1, 1)
    clock.now = ALIVE_SECONDS - 1
    assert service.state().alive
    clock.now = ALIVE_SECONDS + 1
    assert not service.state().alive
    assert not service.state().ready
    service.waits("busy", "The file is held.")
    assert service.state().alive


def test_metrics_say_how_far_a_consumer_is() -> None:
    """Lag, head, voids, refusals, latencies: by the consumer's name, in the text of Prometheus."""
    service = Service("publisher", to=io.StringIO())
    service.reached(7, 10)
    service.metrics.worked(3, 0.02, 1.5)
    service.metrics.voids.labels("publisher").set(2)
    service.metrics.refused.labels("publisher", "stranger").inc()
    service.waits("log_silent", "Nothing comes.")
    with answering(service) as at:
        status, body = get(f"{at}/metrics")
    assert status == 200
    lines = set(body.splitlines())
    for name, value in {
        'position{consumer="publisher"}': 7,
        'head_position{consumer="publisher"}': 10,
        'lag_positions{consumer="publisher"}': 3,
        'void_records{consumer="publisher"}': 2,
        'handled_total{consumer="publisher"}': 3,
        'sent_records_total{consumer="publisher"}': 0,
        'refused_records_total{consumer="publisher",reason="stranger"}': 1,
        'waits_total{code="log_silent",consumer="publisher"}': 1,
        'step_seconds_count{consumer="publisher"}': 1,
        'delay_seconds_sum{consumer="publisher"}': 1.5,
    }.items():
        assert f"attribution_{name} {float(value)}" in lines


def test_a_reader_waits_for_a_position() -> None:
    """It is answered when the position is reached, and told when that is not in time."""
    service = Service("keeper", to=io.StringIO())
    service.reached(5, 5)
    with answering(service) as at:
        assert get(f"{at}/position?min=5")[0] == 200
        assert get(f"{at}/position?min=6")[0] == 504
        found: list[tuple[int, str]] = []
        asking = threading.Thread(
            target=lambda: found.append(get(f"{at}/position?min=6&timeout=20"))
        )
        asking.start()
        service.reached(6, 6)
        asking.join()
        assert (found[0][0], json.loads(found[0][1])["position"]) == (200, 6)
        for bad in ("min=x", "timeout=nan", "timeout=1e9", "timeout=-1"):
            assert get(f"{at}/position?{bad}")[0] == 400
        assert get(f"{at}/elsewhere")[0] == 404


def test_a_port_that_is_taken_is_refused_by_name() -> None:
    """Nothing begins."""
    service = Service("relay", to=io.StringIO())
    with serving(service, "127.0.0.1", 0) as port:
        with pytest.raises(StorageError) as refused, serving(service, "127.0.0.1", port):
            pass
        assert refused.value.code == "port_taken"
        assert str(port) in refused.value.message


def test_the_log_is_lines_of_json_also_for_what_libraries_say() -> None:
    """One object a line, with instant, service and what happened; no trace, no second line."""
    log, before = io.StringIO(), logging.getLogger().handlers[:]
    service = Service("relay", to=log)
    with service.running():
        service.started()
        service.say("relayed", position=3)
        fault = ConnectionError("a\nb")
        logging.getLogger("kafka.conn").error("broker 1\nis gone", exc_info=fault)
        logging.getLogger("kafka.conn").info("chatter")
    first, relayed, library, last = told(log)
    assert (first["what"], first["pid"]) == ("started", os.getpid())
    assert (relayed["service"], relayed["what"], relayed["position"]) == ("relay", "relayed", 3)
    assert from_iso(relayed["at"])
    assert (library["what"], library["level"]) == ("library", "error")
    assert library["message"] == "broker 1 ConnectionError"
    assert last["what"] == "stopped"
    assert logging.getLogger().handlers == before


def test_no_secret_reaches_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither from the environment nor from the settings of the link, whoever says it."""
    monkeypatch.setenv("ATTRIBUTION_KAFKA_PASSWORD", 'pass"word-1')
    log = io.StringIO()
    service = Service("relay", to=log)
    monkeypatch.delenv("ATTRIBUTION_KAFKA_PASSWORD")
    with service.running():
        service.started()
        service.hide(secrets_of(link(user="u", client_secret="secret-2")))  # noqa: S106  no real one
        logging.getLogger("kafka.sasl").warning("login with pass%sword-1 and secret-2", '"')
        service.say("waiting", message="secret-2 was refused")
    assert "word-1" not in log.getvalue()
    assert "secret-2" not in log.getvalue()
    assert log.getvalue().count("***") == 3


def test_a_signal_stops_a_service_after_its_step() -> None:
    """SIGTERM and SIGINT alike; nothing is interrupted."""
    for number in (signal.SIGTERM, signal.SIGINT):
        service = Service("relay", to=io.StringIO())
        with service.running():
            os.kill(os.getpid(), number)
            service.rest(20)
            assert service.stopping
