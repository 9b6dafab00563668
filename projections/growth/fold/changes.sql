-- How did each key and month of the tenants in (`low`, `high`] change, one row a position that counts?
SELECT
    metric, workload, tenant, subscription, resource, partner AS named, attribution, month, at,
    sumIf(delta_micro, mark = 'opening') AS opening,
    sumIf(delta_micro, mark = 'growth') AS growth,
    sumIf(delta_micro, mark = 'gap') AS across_gap,
    any(level_micro) AS level,
    max(if(mark = 'gap', gap_from, NULL)) AS gap_from
FROM
(
    SELECT *, transform(attempt, counted.1, counted.2, toUInt64(0)) AS at
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
)
GROUP BY metric, workload, tenant, subscription, month, resource, named, attribution, at
