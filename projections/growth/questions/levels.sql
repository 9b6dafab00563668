-- At which level does each tenant's key of one metric stand in one month, as known at `position`?
-- Only what is stated for that very month; a level no longer stated is left out. Keys of one tenant and
-- workload (its subscriptions, their resources) add up.
SELECT tenant, workload, sum(stated) AS level_micro
FROM
(
    SELECT tenant, workload, argMax(tuple(level_micro), position).1 AS stated
    FROM increments_raw
    INNER JOIN
    (
        SELECT attempt, position FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    ) AS counted USING (attempt)
    WHERE metric = {metric:String} AND month = {month:Date}
        AND (empty({workloads:Array(String)}) OR workload IN {workloads:Array(String)})
        AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
    GROUP BY tenant, workload, subscription, resource, partner
    HAVING isNotNull(stated)
)
GROUP BY tenant, workload
ORDER BY tenant, workload
