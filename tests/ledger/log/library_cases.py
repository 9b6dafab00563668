"""The library's own test cases for dynamic boundaries: one list, run on every back end."""

from __future__ import annotations

from eventsourcing.dcb.tests import DCBRecorderTestCase


class LibraryCases(DCBRecorderTestCase):
    """Append, read, conditions and limits; a subscription that catches up, blocks and wakes."""

    def runTest(self) -> None:  # noqa: N802  unittest's name
        """Nothing of its own: the cases are called by those who have a recorder."""


CASES = (LibraryCases._test_append_read, LibraryCases._test_append_subscribe)  # noqa: SLF001  the library's names
