-- Of which product is each subscription, as known at `position`?
SELECT subject AS subscription, argMax(value, position) AS product
FROM party_facts
WHERE position <= {position:UInt64} AND attribute = 'subscription.product'
GROUP BY subject
