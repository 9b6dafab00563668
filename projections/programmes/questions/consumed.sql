-- Which resources were consumed at each subscription in one month, as known at `position`? Where a month's
-- consumption comes to nothing there is no row.
SELECT tenant, subscription, resource
FROM increments_raw
PREWHERE tenant IN {tenants:Array(String)}              -- if tenants
WHERE attempt IN
    (
        SELECT attempt FROM attempts
        WHERE position <= {position:UInt64} AND attempt != ''
    )
    AND metric = {metric:String}
    AND month = {month:Date}
GROUP BY tenant, subscription, resource
HAVING sum(delta_micro) != 0
