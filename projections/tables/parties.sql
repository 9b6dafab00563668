-- Who there is: partners, customers, what these bought, and who may act. position is that of the event
-- that made the row; instants are effective ones, in microseconds UTC.
CREATE TABLE organisations (
  organisation TEXT    NOT NULL PRIMARY KEY,
  name         TEXT    NOT NULL,
  country      TEXT    NOT NULL,
  domains      TEXT    NOT NULL,  -- JSON list
  position     INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE locations (
  location     TEXT    NOT NULL PRIMARY KEY,
  organisation TEXT    NOT NULL,
  name         TEXT    NOT NULL,
  country      TEXT    NOT NULL,
  position     INTEGER NOT NULL
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

CREATE TABLE customer_domains (
  domain TEXT NOT NULL,
  tenant TEXT NOT NULL,
  PRIMARY KEY (domain, tenant)
) WITHOUT ROWID;

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

CREATE TABLE agreement_partners (
  agreement TEXT    NOT NULL,
  n         INTEGER NOT NULL,
  location  TEXT    NOT NULL,
  role      TEXT    NOT NULL,
  PRIMARY KEY (agreement, n)
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
  from_us      INTEGER NOT NULL,
  until_us     INTEGER NOT NULL,
  revoked_at   INTEGER
);

CREATE INDEX role_grants_by_grantee ON role_grants (grantee);

-- Policies, programmes and calendars that the ledger adopted.
CREATE TABLE adopted (
  position         INTEGER PRIMARY KEY,
  kind             TEXT    NOT NULL,  -- policy programme calendar
  name             TEXT    NOT NULL,
  in_force_from_us INTEGER NOT NULL,
  sha256           TEXT
);
