-- The facts that PAL rows are joined from: who was linked from when (NULL: nobody), the Azure roles given to
-- identities and groups, who was a member from when, when an identity could sign in, and where things lie.
-- Of several facts of a kind at one instant the latest learned stands. Instants are microseconds UTC.
CREATE TABLE pal_links (
  identity     TEXT    NOT NULL,
  tenant       TEXT    NOT NULL,
  effective_us INTEGER NOT NULL,
  partner      TEXT,
  position     INTEGER NOT NULL,
  PRIMARY KEY (identity, tenant, effective_us, position)
) WITHOUT ROWID;

CREATE TABLE role_assignments (
  identity     TEXT    NOT NULL,
  tenant       TEXT    NOT NULL,
  assignment   TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  scope        TEXT    NOT NULL,
  through      TEXT,              -- lighthouse: measured by the link in the identity's home tenant
  assigned_us  INTEGER NOT NULL,
  removed_us   INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  PRIMARY KEY (identity, tenant, assignment)
) WITHOUT ROWID;
CREATE INDEX role_assignments_by_role ON role_assignments (identity, tenant, scope, role);
CREATE INDEX role_assignments_by_end  ON role_assignments (identity, tenant, removed_us);

CREATE TABLE group_assignments (
  group_id     TEXT    NOT NULL,
  tenant       TEXT    NOT NULL,
  assignment   TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  scope        TEXT    NOT NULL,
  through      TEXT,
  assigned_us  INTEGER NOT NULL,
  removed_us   INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  PRIMARY KEY (group_id, tenant, assignment)
) WITHOUT ROWID;
CREATE INDEX group_assignments_by_role ON group_assignments (group_id, tenant, scope, role);
CREATE INDEX group_assignments_by_end  ON group_assignments (group_id, tenant, removed_us);

CREATE TABLE groups (
  group_id TEXT    NOT NULL PRIMARY KEY,
  tenant   TEXT    NOT NULL,      -- the directory it lives in
  name     TEXT    NOT NULL,
  position INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE group_members (
  group_id     TEXT    NOT NULL,
  identity     TEXT    NOT NULL,
  effective_us INTEGER NOT NULL,
  member       INTEGER NOT NULL,
  position     INTEGER NOT NULL,
  PRIMARY KEY (group_id, identity, effective_us, position)
) WITHOUT ROWID;

CREATE INDEX group_members_by_identity ON group_members (identity);

CREATE TABLE identity_states (
  identity     TEXT    NOT NULL,
  effective_us INTEGER NOT NULL,
  state        TEXT    NOT NULL,  -- active disabled deleted
  position     INTEGER NOT NULL,
  PRIMARY KEY (identity, effective_us, position)
) WITHOUT ROWID;

CREATE TABLE scope_placements (
  tenant       TEXT    NOT NULL,
  child        TEXT    NOT NULL,  -- the path of a subscription or management group
  effective_us INTEGER NOT NULL,
  parent       TEXT,              -- a management group; NULL: the tenant's root
  position     INTEGER NOT NULL,
  known_from   INTEGER NOT NULL,  -- its position, or that of what set it right
  known_to     INTEGER NOT NULL,
  PRIMARY KEY (tenant, position, known_from)
) WITHOUT ROWID;

-- Granular delegated administration: how each relationship stood after every event about it.
CREATE TABLE gdap_relationships (
  relationship  TEXT    NOT NULL,
  tenant        TEXT    NOT NULL,
  partner       TEXT    NOT NULL,
  roles         TEXT    NOT NULL, -- JSON list
  duration_days INTEGER NOT NULL,
  auto_extend   INTEGER NOT NULL,
  state         TEXT    NOT NULL, -- requested active lapsed expired terminated
  requested_us  INTEGER NOT NULL,
  approved_us   INTEGER,
  until_us      INTEGER NOT NULL, -- when the request lapses, or the term ends
  ended_us      INTEGER,
  position      INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL, -- position from which on it is known so
  known_to      INTEGER NOT NULL,
  PRIMARY KEY (relationship, updated_at)
) WITHOUT ROWID;

-- Tracking ids of publishers, and what was deployed with them.
CREATE TABLE tracking_ids (
  tracking_id   TEXT    NOT NULL PRIMARY KEY,
  partner       TEXT    NOT NULL,
  kind          TEXT    NOT NULL,  -- cua tracked_template marketplace
  description   TEXT    NOT NULL,
  registered_us INTEGER NOT NULL,
  removed_us    INTEGER,
  position      INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE deployments (
  deployment   TEXT    NOT NULL PRIMARY KEY,
  tracking_id  TEXT    NOT NULL,
  partner      TEXT    NOT NULL,
  kind         TEXT    NOT NULL,
  tenant       TEXT    NOT NULL,
  subscription TEXT    NOT NULL,
  scope        TEXT    NOT NULL,
  automatic    INTEGER NOT NULL,
  deployed_us  INTEGER NOT NULL,
  ended_us     INTEGER,
  position     INTEGER NOT NULL
) WITHOUT ROWID;
