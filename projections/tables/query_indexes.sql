-- Indexes that only questions need: made at once for an empty file, last in a rebuild (sorting once is
-- several times faster than inserting in random order).
CREATE INDEX holdings_by_kind         ON holdings (kind);
CREATE INDEX holdings_by_tenant       ON holdings (tenant);
CREATE INDEX holdings_by_organisation ON holdings (organisation);
CREATE INDEX holdings_by_claim        ON holdings (claim) WHERE claim IS NOT NULL;
CREATE INDEX holdings_by_subscription ON holdings (subscription) WHERE subscription IS NOT NULL;
CREATE INDEX holdings_by_closing      ON holdings (known_to) WHERE known_to < 9223372036854775807;
CREATE INDEX claims_by_tenant         ON claims (tenant);
CREATE INDEX claims_by_state          ON claims (state);
CREATE INDEX claims_by_deadline       ON claims (deadline_us) WHERE deadline_us IS NOT NULL;
CREATE INDEX claims_by_dispute        ON claims (dispute_until_us) WHERE dispute_until_us IS NOT NULL;
CREATE INDEX claims_by_organisation   ON claims (organisation);
CREATE INDEX claims_contested         ON claims (contested) WHERE contested = 1;
-- The state index holds both positions, so that a state which nobody has left is not looked up row by row.
CREATE INDEX claim_states_by_claim    ON claim_states (claim_no, updated_at);
CREATE INDEX claim_states_by_state    ON claim_states (state, claim_no, updated_at, known_to);
CREATE INDEX claim_states_by_deadline ON claim_states (deadline_us) WHERE deadline_us IS NOT NULL;
CREATE INDEX claim_states_by_dispute  ON claim_states (dispute_until_us) WHERE dispute_until_us IS NOT NULL;
CREATE INDEX claim_slots_by_slot      ON claim_slots (slot);
CREATE INDEX claim_history_by_claim   ON claim_history (claim_no);
CREATE INDEX subscriptions_by_tenant  ON subscriptions (tenant);
CREATE INDEX subscriptions_by_predecessor ON subscriptions (succeeds) WHERE succeeds IS NOT NULL;
CREATE INDEX agreements_by_tenant     ON agreements (tenant);
CREATE INDEX customer_domains_by_tenant ON customer_domains (tenant);
CREATE INDEX challenges_by_due        ON challenges (due_us) WHERE known_to = 9223372036854775807;
CREATE INDEX awaited_by_due           ON awaited (due_us) WHERE known_to = 9223372036854775807;
CREATE INDEX gdap_by_tenant           ON gdap_relationships (tenant);
CREATE INDEX gdap_by_partner          ON gdap_relationships (partner);
CREATE INDEX deployments_by_tenant    ON deployments (tenant);
CREATE INDEX deployments_by_partner   ON deployments (partner);
CREATE INDEX deployments_by_tracking  ON deployments (tracking_id);
