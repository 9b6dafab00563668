-- What is awaited until when. Where passing it has an effect (effect = 1) the clock records that; the
-- others are promised days. A right to dispute shows until a dispute or for ever: ask with due_us > now.
CREATE VIEW deadlines AS
SELECT claim_no, claim, tenant, partner, organisation, policy, state,
       deadline AS name, deadline_us AS due_us,
       deadline IN ('answer', 'consent') AS effect
FROM claims
WHERE deadline_us IS NOT NULL
UNION ALL
SELECT claim_no, claim, tenant, partner, organisation, policy, state,
       'dispute', dispute_until_us, 1
FROM claims
WHERE dispute_until_us IS NOT NULL;
