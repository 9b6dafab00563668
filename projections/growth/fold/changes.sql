-- Which rows that count are there of the tenants in (`low`, `high`], and from which position on does each?
-- Rows as they are: grouping by so many texts would take longer than reading them.
SELECT
    metric, workload, tenant, subscription, resource, partner AS named, attribution, month,
    transform(attempt, counted.1, counted.2, toUInt64(0)) AS at,
    if(mark = 'opening', delta_micro, 0) AS opening,
    if(mark = 'growth', delta_micro, 0) AS growth,
    if(mark = 'gap', delta_micro, 0) AS across_gap,
    level_micro AS level,
    if(mark = 'gap', gap_from, NULL) AS gap_from
FROM
(
    SELECT
        *,
        (
            SELECT (groupArray(attempt), groupArray(position)) FROM attempts
            WHERE position <= {upto:UInt64} AND attempt != ''
        ) AS counted
    FROM increments_raw
    WHERE tenant > {low:String} AND tenant <= {high:String}
        AND (empty({months:Array(Date)}) OR month IN {months:Array(Date)})
        AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
)
WHERE has(counted.1, attempt)
