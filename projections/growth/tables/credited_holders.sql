-- What each holder is credited with, without the customers: credited_keys, summed over tenants and
-- subscriptions. Rows of one order key that come from several parts of a fold are added up by merges.
CREATE TABLE IF NOT EXISTS credited_holders
(
    position UInt64 CODEC(Delta, ZSTD(1)),
    rule LowCardinality(String),                    -- of credit_rules.toml; '' marks how far it is folded
    metric LowCardinality(String),                  -- of a mark: seen, or part
    workload LowCardinality(String),
    attribution LowCardinality(String),
    month Date CODEC(ZSTD(1)),
    gap_from Date CODEC(ZSTD(1)),
    held UInt8 CODEC(ZSTD(1)),
    kind LowCardinality(String),
    partner LowCardinality(String),
    organisation LowCardinality(String),
    represents UInt8 CODEC(ZSTD(1)),
    opening_micro Int64 CODEC(ZSTD(1)),
    growth_micro Int64 CODEC(ZSTD(1)),              -- growth from one month to the next
    across_gap_micro Int64 CODEC(ZSTD(1)),          -- growth across a gap
    level_micro Int64 CODEC(ZSTD(1)),               -- summed over what is stated
    stated Int64 CODEC(ZSTD(1)),                    -- how many of the keys have a level
    keys Int64 CODEC(ZSTD(1)),
    INDEX by_organisation organisation TYPE bloom_filter(0.01) GRANULARITY 1
)
ENGINE = SummingMergeTree((opening_micro, growth_micro, across_gap_micro, level_micro, stated, keys))
ORDER BY (
    rule, partner, metric, month, workload, kind, organisation, represents, held, attribution, gap_from,
    position)
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1
