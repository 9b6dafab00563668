-- What is recorded of the subscriptions of the tenants in (`low`, `high`], and of all locations?
SELECT attribute, subject, tenant, value, position
FROM party_facts
WHERE position <= {upto:UInt64}
    AND (
        attribute = 'location.organisation'
        OR startsWith(attribute, 'subscription.')
            AND tenant > {low:String} AND tenant <= {high:String}
            AND (empty({tenants:Array(String)}) OR tenant IN {tenants:Array(String)}))
