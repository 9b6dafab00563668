-- Who held what of the tenants in (`low`, `high`], and between which positions was each row known?
SELECT
    tenant, subscription, workload, activity, scope, role, slot, kind, partner, organisation,
    effective_from, effective_to,
    minIf(position, sign = 1) AS known_from,
    if(countIf(sign = -1) = 0, toUInt64(18446744073709551615), minIf(position, sign = -1)) AS known_to
FROM holding_changes
WHERE position <= {upto:UInt64} AND sign != 0
    AND tenant > {low:String} AND tenant <= {high:String}
    AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)})
GROUP BY
    row_id, tenant, subscription, workload, activity, scope, role, slot, kind, partner, organisation,
    effective_from, effective_to
