-- What partners need before they earn, each step as it was taken: a row is added and never changed, so
-- that any state of knowledge can be asked for (position <= P). Instants are effective, microseconds UTC.
CREATE TABLE enrolment_steps (
  position     INTEGER PRIMARY KEY,
  programme    TEXT    NOT NULL,
  location     TEXT    NOT NULL,
  organisation TEXT    NOT NULL,
  step         TEXT    NOT NULL,  -- the event's type
  state        TEXT    NOT NULL,  -- after it, in the words of domain.md 2
  effective_us INTEGER NOT NULL,
  submitted    TEXT    NOT NULL,  -- profiles that wait for validation, space between
  validated    TEXT    NOT NULL,
  rejected     TEXT    NOT NULL,
  earns_from   TEXT,              -- date: first day of the month in which all was complete
  term_ends_us INTEGER,
  promised_us  INTEGER,           -- until when validation is promised
  reason       TEXT
);

CREATE TABLE competency_steps (
  position       INTEGER PRIMARY KEY,
  organisation   TEXT    NOT NULL,
  competency     TEXT    NOT NULL,
  step           TEXT    NOT NULL,
  state          TEXT    NOT NULL,  -- started qualified active at_risk expired
  level          TEXT,
  effective_us   INTEGER NOT NULL,
  attained_us    INTEGER,
  anniversary_us INTEGER,
  reason         TEXT
);

CREATE TABLE partner_agreements (
  position     INTEGER PRIMARY KEY,
  organisation TEXT    NOT NULL,
  agreement    TEXT    NOT NULL,
  signed       INTEGER NOT NULL,  -- 1: signed, 0: ended
  effective_us INTEGER NOT NULL
);

CREATE INDEX enrolment_steps_by_location ON enrolment_steps (location, programme);
CREATE INDEX competency_steps_by_organisation ON competency_steps (organisation, competency);
CREATE INDEX partner_agreements_by_organisation ON partner_agreements (organisation, agreement);
