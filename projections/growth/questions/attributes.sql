-- What is recorded as `attribute` of each customer or subscription, as known at `position`?
SELECT subject, argMax(value, position) AS value
FROM party_facts
WHERE position <= {position:UInt64} AND attribute = {attribute:String}
GROUP BY subject
