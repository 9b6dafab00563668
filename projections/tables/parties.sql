-- Who there is: partners, customers, what these bought, and who may act. position is that of the event
-- that made the row; instants are effective ones, in microseconds UTC.
CREATE TABLE organisations (
  organisation TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  country      TEXT    NOT NULL,
  domains      TEXT    NOT NULL,  -- JSON list
  merged_into  TEXT,
  merged_us    INTEGER,
  position     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE locations (
  location     TEXT    NOT NULL PRIMARY KEY,
  organisation TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  country      TEXT    NOT NULL,
  kind         TEXT,              -- frp: of a FastTrack Ready Partner
  repointed_to TEXT,
  deleted_us   INTEGER,
  position     INTEGER NOT NULL
) WITHOUT ROWID;

-- What became of locations, in the order of instants; the first row of each is the organisation it had.
CREATE TABLE location_changes (
  location     TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  effective_us INTEGER NOT NULL,
  what         TEXT    NOT NULL,  -- organisation repointed deleted
  target       TEXT    NOT NULL,
  PRIMARY KEY (location, position)
) WITHOUT ROWID;

CREATE TABLE customers (
  tenant        TEXT    NOT NULL PRIMARY KEY,
  name          TEXT    NOT NULL,
  country       TEXT    NOT NULL,
  public_sector INTEGER NOT NULL,
  since         TEXT,             -- date
  succeeds      TEXT,
  position      INTEGER NOT NULL
) WITHOUT ROWID;

-- Users that went over to another tenant: a rise there is not growth (domain.md 14.9).
CREATE TABLE customer_migrations (
  position     INTEGER PRIMARY KEY,
  tenant       TEXT    NOT NULL,
  to_tenant    TEXT    NOT NULL,
  users        INTEGER,            -- NULL: all
  effective_us INTEGER NOT NULL
);
CREATE INDEX customer_migrations_by_target ON customer_migrations (to_tenant);

CREATE TABLE customer_domains (
  domain TEXT NOT NULL,
  tenant TEXT NOT NULL,
  PRIMARY KEY (domain, tenant)
) WITHOUT ROWID;

-- A subscription as it started, and its end; what changed in between stands in subscription_changes.
CREATE TABLE subscriptions (
  subscription        TEXT    NOT NULL PRIMARY KEY,
  tenant              TEXT    NOT NULL,
  product             TEXT    NOT NULL,
  offer               TEXT    NOT NULL,
  channel             TEXT    NOT NULL,
  seats               INTEGER,
  agreement           TEXT,
  transacting_partner TEXT,
  indirect_reseller   TEXT,
  succeeds            TEXT,
  started_us          INTEGER NOT NULL,
  ended_us            INTEGER,
  end_reason          TEXT,
  position            INTEGER NOT NULL
) WITHOUT ROWID;

-- What changed about a subscription when (state, seats, channel, partner, reseller, ended), as it
-- became known: at instant E as known at K it is the last value with effective_us <= E and
-- known_from <= K < known_to. 'started' is there where the start itself was set right.
CREATE TABLE subscription_changes (
  subscription TEXT    NOT NULL,
  position     INTEGER NOT NULL,
  what         TEXT    NOT NULL,
  effective_us INTEGER NOT NULL,
  value        TEXT,
  known_from   INTEGER NOT NULL,  -- the fact's position, or that of what set it right
  known_to     INTEGER NOT NULL,
  PRIMARY KEY (subscription, position, what, known_from)
) WITHOUT ROWID;

CREATE TABLE identities (
  identity    TEXT    NOT NULL PRIMARY KEY,
  kind        TEXT    NOT NULL,
  location    TEXT    NOT NULL,
  home_tenant TEXT,
  position    INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE agreements (
  agreement TEXT    NOT NULL PRIMARY KEY,
  kind      TEXT    NOT NULL,
  tenant    TEXT    NOT NULL,
  signed_us INTEGER NOT NULL,
  ended_us  INTEGER,
  position  INTEGER NOT NULL
) WITHOUT ROWID;

-- position is that of the signature or amendment that put the partner on the agreement; removed_at
-- that of the amendment that took it off.
CREATE TABLE agreement_partners (
  agreement  TEXT    NOT NULL,
  position   INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  location   TEXT    NOT NULL,
  role       TEXT    NOT NULL,
  removed_at INTEGER,
  PRIMARY KEY (agreement, position, n)
) WITHOUT ROWID;

-- One row per grant; '' where the role has no such scope. until_us is the instant it ends, or
-- 9223372036854775807; revoked_at is the position of the revocation.
CREATE TABLE role_grants (
  position     INTEGER PRIMARY KEY,
  grantee      TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  organisation TEXT    NOT NULL,
  location     TEXT    NOT NULL,
  tenant       TEXT    NOT NULL,
  programme    TEXT    NOT NULL,
  from_us      INTEGER NOT NULL,
  until_us     INTEGER NOT NULL,
  revoked_at   INTEGER
);

CREATE INDEX role_grants_by_grantee ON role_grants (grantee);

-- Policies, programmes, calendars, role tables, incentive programmes and rate cards that were adopted.
CREATE TABLE adopted (
  position         INTEGER PRIMARY KEY,
  kind             TEXT    NOT NULL,  -- policy programme calendar roles incentive rates
  name             TEXT    NOT NULL,
  in_force_from_us INTEGER NOT NULL,
  sha256           TEXT
);
