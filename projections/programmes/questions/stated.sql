-- The level that is stated of one metric, a row for each place (tenant, subscription, workload) and month, as
-- known at `position`. Parts of a place (its resources) add up; where nothing (more) is stated there is no row.
-- Whose tenants are asked for is looked at first: most rows are of others.
WITH
    (
        SELECT (groupArray(attempt), groupArray(position)) FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    ) AS counted
SELECT tenant, subscription, workload, month, sum(level) AS level_micro
FROM
(
    SELECT
        tenant, subscription, workload, month,
        argMax(tuple(level_micro), transform(attempt, counted.1, counted.2, toUInt64(0))).1 AS level
    FROM increments_raw
    PREWHERE tenant IN {tenants:Array(String)}              -- if tenants
    WHERE has(counted.1, attempt)
        AND metric = {metric:String}
        AND month BETWEEN {from_month:Date} AND {to_month:Date}
        AND workload IN {workloads:Array(String)}           -- if workloads
    GROUP BY tenant, subscription, workload, resource, partner, attribution, month
    HAVING isNotNull(level)
)
GROUP BY tenant, subscription, workload, month
