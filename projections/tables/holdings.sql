-- Who holds what, in two times. A row is never changed but for its end of knowledge: the event at
-- known_to taught the ledger better. The holder of a slot at instant E as known at position K has
--   known_from <= K < known_to AND effective_from <= E < effective_to.
-- Instants are microseconds UTC; an open end is 9223372036854775807. row_id is dense in order of creation.
-- because is the position of the event by which the partner holds; known_from that of the event that
-- gave the row its present shape. rule names the rule and its section of domain.md.
-- A PAL link without a role assignment has a row whose scope and role are NULL: it measures nothing, or, in
-- the identity's home tenant, what Azure Lighthouse delegates elsewhere.
CREATE TABLE holdings (
  row_id         INTEGER PRIMARY KEY,
  kind           TEXT    NOT NULL,  -- a kind of ledger/rules/kinds.toml that is no label
  slot           TEXT    NOT NULL,
  tenant         TEXT    NOT NULL,
  subscription   TEXT,
  workload       TEXT,
  activity       TEXT,
  scope          TEXT,              -- PAL: the Azure scope of the role
  role           TEXT,              -- PAL: Azure role; TPOR: role on the agreement; CSP: place in the chain
  partner        TEXT    NOT NULL,  -- location
  organisation   TEXT    NOT NULL,  -- '' where the location was never registered
  claim          TEXT,
  effective_from INTEGER NOT NULL,
  effective_to   INTEGER NOT NULL,
  known_from     INTEGER NOT NULL,
  known_to       INTEGER NOT NULL,
  recorded_from  INTEGER NOT NULL,
  recorded_to    INTEGER NOT NULL,
  because        INTEGER NOT NULL,
  rule           TEXT    NOT NULL
);

-- Instants at which a place that is set and emptied (DPOR, delegated administration) was emptied: a
-- back-dated start that is learned later ends there.
CREATE TABLE emptied (
  slot         TEXT    NOT NULL,
  effective_us INTEGER NOT NULL,
  PRIMARY KEY (slot, effective_us)
) WITHOUT ROWID;

-- What the associations without an event of their own stand on (subscription or agreement): they end
-- with it.
CREATE TABLE association_places (
  place TEXT NOT NULL,
  value TEXT NOT NULL,
  slot  TEXT NOT NULL,
  PRIMARY KEY (place, value, slot)
) WITHOUT ROWID;

-- What was told about each place that nobody claims, in order of position: from these the rows of a slot
-- are made again when one of them is corrected or retracted. until_us is an end of its own (a term);
-- that of the subscription is looked up. holdings is a JSON list of the columns of the rows.
CREATE TABLE slot_facts (
  slot         TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  what         TEXT    NOT NULL,  -- set started emptied cut
  effective_us INTEGER NOT NULL,
  until_us     INTEGER NOT NULL,
  subscription TEXT    NOT NULL,
  holdings     TEXT    NOT NULL
);
