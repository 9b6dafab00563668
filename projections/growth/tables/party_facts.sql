-- What growth needs to know of parties and subscriptions: a location's organisation, a subscription's
-- product. The fact learned last up to P stands.
--
-- MergeTree in order of position, like attempts; attribute 'seen' is the checkpoint row.
CREATE TABLE IF NOT EXISTS party_facts
(
    position UInt64,
    attribute LowCardinality(String),               -- location.organisation, subscription.product, seen
    subject String,
    tenant String,                                  -- of a subscription, else ''
    value String
)
ENGINE = MergeTree
ORDER BY (position, attribute, subject)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
