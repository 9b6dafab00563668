-- Which reports count at `position`? The last decision about each says whether it is loaded or withdrawn.
SELECT loaded.1 AS report_kind, loaded.2 AS period_from, loaded.3 AS period_to
FROM
(
    SELECT
        report,
        argMax(kind, position) AS last,
        argMaxIf(tuple(report_kind, period_from, period_to), position, kind = 'loaded') AS loaded
    FROM attempts
    WHERE position <= {position:UInt64} AND attempt != ''
    GROUP BY report
)
WHERE last = 'loaded'
