"""Which usage log a ledger has: its own file, or a topic that the file is a replica of."""

from __future__ import annotations

from functools import partial

from ledger.folder import Folder
from ledger.usage.log import UsageLog


def open_usage_log(folder: Folder) -> UsageLog:
    """The usage log of the ledger in a folder; on a node its topic is opened when it is needed.

    A topic is checked before it is used. Raises what opening the file raises.
    """
    if not folder.log:
        from ledger.usage.moved_log import MovedUsageLog
        from ledger.usage.sqlite_log import MOVED_FORMAT, SqliteUsageLog, layout

        if layout(folder.usage) == MOVED_FORMAT:
            return MovedUsageLog(folder.usage)
        return SqliteUsageLog(folder.usage)
    # The Kafka client takes a tenth of a second to load: only nodes pay for it.
    from ledger.cluster.link import settings_file
    from ledger.cluster.place import place
    from ledger.usage.kafka_log import KafkaUsageLog, opened
    from ledger.usage.sending import Patience

    where = place(folder.log, settings_file(folder.path))
    link = where.link()
    patience = Patience(link.resend_ms / 1000, link.give_up_ms / 1000)
    return KafkaUsageLog(folder.usage, folder.ledger, partial(opened, where), patience)
