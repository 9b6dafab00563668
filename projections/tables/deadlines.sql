-- What is awaited beside claims: of GDAP relationships, delegations, enrolments, competencies and roles.
-- A row per subject and name and interval of knowledge (positions).
CREATE TABLE awaited (
  subject      TEXT    NOT NULL,  -- what finds it again: its sort and identifiers
  name         TEXT    NOT NULL,
  known_from   INTEGER NOT NULL,
  known_to     INTEGER NOT NULL,
  about        TEXT    NOT NULL,  -- the programme, competency, role or sort of relationship
  relationship TEXT,
  tenant       TEXT,
  partner      TEXT,
  organisation TEXT,              -- where no location tells it
  state        TEXT,
  due_us       INTEGER NOT NULL,
  effect       INTEGER NOT NULL,
  PRIMARY KEY (subject, name, known_from)
) WITHOUT ROWID;

-- What is awaited until when. Where passing it has an effect (effect = 1) the clock records that; the
-- others are promised days. A right to dispute shows until a dispute or for ever: ask with due_us > now.
CREATE VIEW deadlines AS
SELECT claim_no, claim, NULL AS relationship, NULL AS about, tenant, partner, organisation, policy, state,
       deadline AS name, deadline_us AS due_us,
       deadline IN ('answer', 'consent') AS effect, updated_at
FROM claims
WHERE deadline_us IS NOT NULL
UNION ALL
SELECT claim_no, claim, NULL AS relationship, NULL AS about, tenant, partner, organisation, policy, state,
       'dispute', dispute_until_us, 1, updated_at
FROM claims
WHERE dispute_until_us IS NOT NULL
UNION ALL
SELECT c.claim_no, c.claim, NULL, NULL, c.tenant, c.partner, c.organisation, c.policy, c.state,
       'incumbent_answer', h.due_us, 1, h.known_from
FROM challenges h JOIN claims c ON c.claim_no = h.claim_no
WHERE h.known_to = 9223372036854775807
UNION ALL
SELECT NULL, NULL, relationship, about, tenant, partner,
       coalesce((SELECT organisation FROM locations l WHERE l.location = partner), organisation),
       NULL, state, name, due_us, effect, known_from
FROM awaited
WHERE known_to = 9223372036854775807;

-- The same of claims and relationships as they stood before: what was awaited from updated_at until known_to (positions).
CREATE VIEW past_deadlines AS
SELECT s.claim_no, c.claim, NULL AS relationship, NULL AS about, c.tenant, s.partner, s.organisation, c.policy, s.state,
       s.deadline AS name, s.deadline_us AS due_us,
       s.deadline IN ('answer', 'consent') AS effect, s.updated_at, s.known_to
FROM claim_states s CROSS JOIN claims c ON c.claim_no = s.claim_no
WHERE s.deadline_us IS NOT NULL
UNION ALL
SELECT s.claim_no, c.claim, NULL AS relationship, NULL AS about, c.tenant, s.partner, s.organisation, c.policy, s.state,
       'dispute', s.dispute_until_us, 1, s.updated_at, s.known_to
FROM claim_states s CROSS JOIN claims c ON c.claim_no = s.claim_no
WHERE s.dispute_until_us IS NOT NULL
UNION ALL
SELECT c.claim_no, c.claim, NULL, NULL, c.tenant, c.partner, c.organisation, c.policy, c.state,
       'incumbent_answer', h.due_us, 1, h.known_from, h.known_to
FROM challenges h JOIN claims c ON c.claim_no = h.claim_no
WHERE h.known_to < 9223372036854775807
UNION ALL
SELECT NULL, NULL, relationship, about, tenant, partner,
       coalesce((SELECT organisation FROM locations l WHERE l.location = partner), organisation),
       NULL, state, name, due_us, effect, known_from, known_to
FROM awaited
WHERE known_to < 9223372036854775807;
