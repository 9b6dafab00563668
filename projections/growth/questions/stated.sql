-- What did each attempt that counts up to `position` say of these metrics and customers?
-- One row a key, month and attempt: the level it leads to (NULL: a flow, or no longer stated), the signed
-- change, and what of it is an opening. Of the rows of a key and month, the latest level stands and all
-- changes add up; an earlier position reads a part of the rows.
SELECT
    metric, tenant, subscription, workload, resource, month, position, report,
    argMax(tuple(i.level_micro), offset).1 AS level_micro,
    sum(i.delta_micro) AS delta_micro,
    sumIf(i.delta_micro, mark = 'opening') AS opening_micro
FROM increments_raw AS i
INNER JOIN
(
    SELECT attempt, position, report FROM attempts
    WHERE position <= {position:UInt64} AND attempt != ''
) AS counted USING (attempt)
WHERE metric IN {metrics:Array(String)} AND tenant IN {tenants:Array(String)}
GROUP BY metric, tenant, subscription, workload, resource, month, position, report
ORDER BY position, metric, tenant, subscription, workload, resource, month
