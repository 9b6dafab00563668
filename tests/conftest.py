"""How every test runs: hypothesis profiles, a seed to repeat a run by, more time for a soak."""

from __future__ import annotations

import os
import secrets

import pytest
from hypothesis import HealthCheck, settings

from tests import brokers

SOAK = os.environ.get("LEDGER_SOAK") == "1"
SOAK_TIMEOUT_SECONDS = 3600

SEED = 20_261_125
"""Of every run but a soak: the same commit is judged by the same examples on every machine."""

# Two busy cores make any deadline a coin toss, and slow builders are no fault of a property.
_SHARED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)

settings.register_profile("ci", _SHARED, max_examples=50, database=None)
settings.register_profile("soak", _SHARED, max_examples=2_000)
settings.load_profile("soak" if SOAK else "ci")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Give one seed to all properties of a run; each soak draws its own, and so finds more."""
    if config.option.hypothesis_seed is None:
        config.option.hypothesis_seed = secrets.randbelow(2**32) if SOAK else SEED


def pytest_report_header(config: pytest.Config) -> str:
    """Say how to repeat this run's random choices."""
    return f"repeat this run with: --hypothesis-seed={config.option.hypothesis_seed}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test of a soak an hour; the ordinary limit stands in pyproject.toml."""
    if SOAK:
        for item in items:
            item.add_marker(pytest.mark.timeout(SOAK_TIMEOUT_SECONDS))


def pytest_report_teststatus(
    report: pytest.TestReport,
) -> tuple[str, str, str] | None:
    """Count apart, in the last line too, what could not run for want of a server."""
    reason = str(report.longrepr[-1]) if isinstance(report.longrepr, tuple) else ""
    if report.skipped and brokers.NOT_RUN in reason:
        return brokers.NOT_RUN, "K", brokers.NOT_RUN.upper()
    return None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say why something could not run, once."""
    missing = terminalreporter.stats.get(brokers.NOT_RUN, [])
    for reason in sorted({str(report.longrepr[-1]) for report in missing}):
        terminalreporter.write_sep("!", f"{len(missing)} tests: {reason}", red=True, bold=True)
    ended = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    told = [line for report in ended for name, line in report.user_properties if name == "fault"]
    if told:
        terminalreporter.write_sep("-", "faults")
        for line in sorted(told):
            terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the broker that this run started, once all of its processes are done."""
    if not hasattr(session.config, "workerinput"):
        base = session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]  # noqa: SLF001  no fixture reaches a hook
        brokers.stop(base)
