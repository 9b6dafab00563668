-- What does each attribution say of each consumption, as known at `position`?
-- One row a month, subscription, resource, partner and attribution: the sum of what counts, with the
-- partner's organisation as known then. What was withdrawn adds up to zero and is left out.
WITH organisations AS
(
    SELECT subject AS partner, argMax(value, position) AS organisation
    FROM party_facts
    WHERE position <= {position:UInt64} AND attribute = 'location.organisation'
    GROUP BY subject
)
SELECT
    month, tenant, subscription, resource, partner, attribution,
    if(o.organisation = '', partner, o.organisation) AS organisation,
    sum(delta_micro) AS amount_micro
FROM increments_raw
LEFT ANY JOIN organisations AS o USING (partner)
WHERE attempt IN
    (
        SELECT attempt FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    )
    AND metric = 'azure.acr.attributed'
    AND month BETWEEN {from_month:Date} AND {to_month:Date}
GROUP BY month, tenant, subscription, resource, partner, attribution, organisation
HAVING amount_micro != 0
ORDER BY month, tenant, subscription, resource, partner, attribution
