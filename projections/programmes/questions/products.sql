-- Of which product is each subscription, and was it bought for no seat, as known at `position`?
SELECT
    subject AS subscription,
    argMaxIf(value, position, attribute = 'subscription.product') AS product,
    argMaxIf(value, position, attribute = 'subscription.paid') != 'no' AS paid
FROM party_facts
WHERE position <= {position:UInt64} AND attribute IN ('subscription.product', 'subscription.paid')
GROUP BY subject
