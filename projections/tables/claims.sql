-- Claims as they stand, what became of each slot they ask for, and what happened to them.
-- claim_no is dense in order of submission. Contacts are not here: they stay sealed in the log.
CREATE TABLE claims (
  claim_no         INTEGER PRIMARY KEY,
  claim            TEXT    NOT NULL,
  title            TEXT    NOT NULL,
  tenant           TEXT    NOT NULL,
  partner          TEXT    NOT NULL,  -- location
  organisation     TEXT    NOT NULL,
  policy           TEXT    NOT NULL,
  solution_area    TEXT    NOT NULL,
  activity         TEXT    NOT NULL,
  contested        INTEGER NOT NULL,  -- 1: asked for a slot that was held, or was itself challenged
  payment_opt_out  INTEGER NOT NULL,
  submitted_at_us  INTEGER NOT NULL,  -- effective
  submitted_at     INTEGER NOT NULL,  -- position
  state            TEXT    NOT NULL,  -- domain.md 4.1, in the words of the claim's policy
  consent          TEXT,              -- awaited window consented passed confirmed declined
  consent_mode     TEXT,
  consent_closes_us INTEGER,          -- of the latest window, open or closed
  deadline         TEXT,              -- review decision answer consent dispute_answer
  deadline_us      INTEGER,
  dispute_until_us INTEGER,
  disputes         INTEGER NOT NULL,
  updated_at_us    INTEGER NOT NULL,  -- recorded
  updated_at       INTEGER NOT NULL   -- position
);

CREATE TABLE claim_slots (
  claim_no     INTEGER NOT NULL,
  n            INTEGER NOT NULL,      -- its place on the claim, from 0
  slot         TEXT    NOT NULL,
  workload     TEXT,
  subscription TEXT,
  outcome      TEXT    NOT NULL,      -- asked awaiting_consent held rejected lapsed declined
                                      -- given_back replaced withdrawn ended moved
  asked_at     INTEGER NOT NULL,      -- position
  consented    INTEGER NOT NULL,      -- 1: its consent was settled before that of later slots began
  PRIMARY KEY (claim_no, n)
) WITHOUT ROWID;

-- Other tenants that a claim came to hold at, as its customer's users went there (domain.md 14.9).
CREATE TABLE claim_tenants (
  tenant     TEXT    NOT NULL,
  claim_no   INTEGER NOT NULL,
  known_from INTEGER NOT NULL,        -- position
  PRIMARY KEY (tenant, claim_no)
) WITHOUT ROWID;
CREATE INDEX claim_tenants_by_claim ON claim_tenants (claim_no);

-- Claims as they stood before: a row holds from the step at updated_at until known_to, the position of the
-- step that changed it. How a claim stands now is in claims; together they are the claims in two times.
CREATE TABLE claim_states (
  claim_no          INTEGER NOT NULL,
  known_to          INTEGER NOT NULL,
  state             TEXT    NOT NULL,
  consent           TEXT,
  consent_mode      TEXT,
  consent_closes_us INTEGER,
  deadline          TEXT,
  deadline_us       INTEGER,
  dispute_until_us  INTEGER,
  disputes          INTEGER NOT NULL,
  updated_at_us     INTEGER NOT NULL,
  updated_at        INTEGER NOT NULL,
  partner           TEXT    NOT NULL,
  organisation      TEXT    NOT NULL,
  contested         INTEGER NOT NULL,
  outcomes          TEXT    NOT NULL  -- of each slot, in their order on the claim, space between
);

-- Locations and organisations that a claim had before; the present ones are in claims.
CREATE TABLE claim_moves (
  partner  TEXT    NOT NULL,
  claim_no INTEGER NOT NULL,
  PRIMARY KEY (partner, claim_no)
) WITHOUT ROWID;

-- Until when the holder of what a challenger claims may answer (claim_no is the holder's); known_from and
-- known_to are positions, as in holdings.
CREATE TABLE challenges (
  claim_no   INTEGER NOT NULL,
  challenger TEXT    NOT NULL,
  due_us     INTEGER NOT NULL,
  known_from INTEGER NOT NULL,
  known_to   INTEGER NOT NULL,
  PRIMARY KEY (claim_no, challenger, known_from)
) WITHOUT ROWID;

-- One row for each claim that an event touches; row_id is dense in the order of the log. When, by whom,
-- what and why stands in the log, at the position: projections.claim_sentences words it when asked.
CREATE TABLE claim_history (
  row_id          INTEGER PRIMARY KEY,
  claim_no        INTEGER NOT NULL,
  position        INTEGER NOT NULL,
  step            TEXT    NOT NULL,   -- the event's type, or what it meant for this very claim
  state           TEXT    NOT NULL,   -- after the event
  other_claim     TEXT,               -- the rival or predecessor concerned; not for the claimant's eyes
  slots           TEXT                -- space between; of challenged, restored and ended
);

-- Claims that are still being written, a row for each version: it holds from the step at known_from until
-- known_to (positions), for ever where it is the latest. A draft asks for nothing, so no slots are here.
CREATE TABLE claim_drafts (
  row_id        INTEGER PRIMARY KEY,
  claim         TEXT    NOT NULL,
  partner       TEXT    NOT NULL,
  organisation  TEXT    NOT NULL,
  policy        TEXT,               -- in force when it was begun: names its state
  title         TEXT,
  tenant        TEXT,
  solution_area TEXT,
  activity      TEXT,
  state         TEXT    NOT NULL,   -- draft discarded
  step          TEXT    NOT NULL,   -- the event's type
  recorded_us   INTEGER NOT NULL,
  known_from    INTEGER NOT NULL,
  known_to      INTEGER NOT NULL
);
