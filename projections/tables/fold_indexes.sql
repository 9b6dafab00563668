-- Indexes by which the folds find rows that they no longer remember. A rebuild makes them when it first
-- looks for such a row, and at the latest when all is folded.
CREATE INDEX IF NOT EXISTS holdings_by_slot ON holdings (slot);
CREATE INDEX IF NOT EXISTS claim_drafts_by_id ON claim_drafts (claim);
CREATE INDEX IF NOT EXISTS claim_drafts_until ON claim_drafts (known_to);
CREATE INDEX IF NOT EXISTS holdings_by_partner ON holdings (partner);
CREATE INDEX IF NOT EXISTS claims_by_partner ON claims (partner);
CREATE UNIQUE INDEX IF NOT EXISTS claims_by_id ON claims (claim);
CREATE INDEX IF NOT EXISTS slot_facts_by_slot ON slot_facts (slot);
CREATE INDEX IF NOT EXISTS slot_facts_by_position ON slot_facts (position);
