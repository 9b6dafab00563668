"""Whether a node's keys lie in the topic of its ledger, and opening that topic (docs/adr/0014)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ledger.clock import SystemClock
from ledger.cluster.quarantine import Quarantine
from ledger.errors import BadInputError
from ledger.folder import Folder
from ledger.privacy.keys import Entropy
from ledger.privacy.wrapping import no_wrapping_key, wrapping_of

if TYPE_CHECKING:  # the Kafka client takes a tenth of a second to load
    from ledger.privacy.key_topic import KeyTopic


def key_topic(folder: Folder, entropy: Entropy) -> KeyTopic | None:
    """The topic of a node's keys; None where the node was told no wrapping key.

    From here on ``keys.db`` follows it. Raises what a topic that is missing or unfit raises.
    """
    from ledger.cluster.link import settings_file
    from ledger.cluster.place import place

    where = place(folder.log, settings_file(folder.path))
    wrapping = wrapping_of(where.link(), entropy)
    if wrapping is None:
        return None
    from ledger.privacy.key_topic import KeyTopic

    quarantine = Quarantine(folder.quarantine, SystemClock().now_us)
    return KeyTopic(where, folder.keys, folder.ledger, wrapping, quarantine.keep)


def fetch_keys(folder: Folder, entropy: Entropy) -> None:
    """Make the ``keys.db`` of a new node from the topic.

    Raises ``BadInputError``: ``no_wrapping_key`` without one, ``no_shared_keys`` where the topic
    has none that this one opens.
    """
    folder.keys.touch(mode=0o600)  # its owner's alone, as where a ledger is made
    topic = key_topic(folder, entropy)
    if topic is None:
        raise no_wrapping_key()
    try:
        topic.follow()
        if not topic.has_secrets():
            raise BadInputError(
                "The topic of keys holds none of this ledger that this node's wrapping key opens.",
                hint="Check that it is the wrapping key of the other nodes; a ledger that was made"
                " without one puts its keys there with `attribution node share-keys`.",
                code="no_shared_keys",
            )
    finally:
        topic.close()
