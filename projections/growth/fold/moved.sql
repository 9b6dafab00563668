-- At which customers did something change in (`after`, `upto`] that says to whom usage is credited?
SELECT DISTINCT tenant
FROM
(
    SELECT tenant FROM holding_changes
    WHERE position > {after:UInt64} AND position <= {upto:UInt64} AND sign != 0
    UNION ALL
    SELECT tenant FROM party_facts
    WHERE position > {after:UInt64} AND position <= {upto:UInt64}
        AND attribute = 'subscription.product'
    UNION ALL
    -- Where a file names the partner, its organisation at the time counts.
    SELECT tenant FROM increments_raw
    WHERE metric IN {attributed:Array(String)}
        AND partner IN
        (
            SELECT arrayJoin([subject, value]) FROM party_facts
            WHERE position > {after:UInt64} AND position <= {upto:UInt64}
                AND attribute = 'location.organisation'
        )
)
ORDER BY tenant
