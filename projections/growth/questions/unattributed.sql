-- Which usage can't be attributed, because its customer or its subscription is not recorded, as known at
-- `position`? It counts, and is credited from the position on at which the missing fact is recorded.
SELECT
    metric, workload, tenant, subscription, min(month) AS first_month, max(month) AS last_month,
    sum(growth_micro) + sum(across_gap_micro) AS grown_micro,
    multiIf(
        tenant NOT IN (
            SELECT subject FROM party_facts
            WHERE position <= {position:UInt64} AND attribute = 'customer.country'),
        'customer not recorded',
        subscription != '' AND subscription NOT IN (
            SELECT subject FROM party_facts
            WHERE position <= {position:UInt64} AND attribute = 'subscription.product'),
        'subscription not recorded',
        workload != '' AND startsWith(metric, 'm365.') AND workload NOT IN {workloads:Array(String)},
        'workload not known',
        '') AS why
FROM credited_keys
WHERE rule = 'slot_holder' AND position <= {position:UInt64} AND bitTest(represents, 0)
GROUP BY metric, workload, tenant, subscription
HAVING sum(keys) != 0 AND why != ''
ORDER BY metric, tenant, subscription, workload
