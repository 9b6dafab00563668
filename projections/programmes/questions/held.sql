-- What stands at `position` of the holdings view, of the kinds asked for: each association with its span.
-- Without `tenants`: of everybody; with `organisations` or `partners`: of these alone.
SELECT
    kind, activity, tenant, subscription, workload, role, partner, organisation,
    effective_from AS from_us, effective_to AS to_us
FROM holding_changes
WHERE position <= {position:UInt64} AND sign = 1
    AND kind IN {kinds:Array(String)}
    AND tenant IN {tenants:Array(String)}               -- if tenants
    AND partner IN {partners:Array(String)}             -- if partners
    AND organisation IN {organisations:Array(String)}   -- if organisations
    AND row_id NOT IN
    (
        SELECT row_id FROM holding_changes
        WHERE position <= {position:UInt64} AND sign = -1
    )
