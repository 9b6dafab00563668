-- At which customers with usage did something change in (`after`, `upto`] that says to whom it is credited,
-- and how many rows are there of each?
SELECT tenant, count() AS rows
FROM increments_raw
WHERE tenant IN
(
    SELECT tenant FROM holding_changes
    WHERE position > {after:UInt64} AND position <= {upto:UInt64} AND sign != 0
    UNION ALL
    SELECT tenant FROM party_facts
    WHERE position > {after:UInt64} AND position <= {upto:UInt64}
        AND attribute = 'subscription.product'
    UNION ALL
    -- Where a file names the partner, its organisation at the time counts. Without such a fact, which is
    -- asked first, no increment is read.
    SELECT tenant FROM increments_raw
    WHERE metric IN {attributed:Array(String)}
        AND (
            SELECT count() FROM party_facts
            WHERE position > {after:UInt64} AND position <= {upto:UInt64}
                AND attribute = 'location.organisation'
        ) > 0
        AND partner IN
        (
            SELECT arrayJoin([subject, value]) FROM party_facts
            WHERE position > {after:UInt64} AND position <= {upto:UInt64}
                AND attribute = 'location.organisation'
        )
)
GROUP BY tenant
ORDER BY tenant
