-- How far these views follow which log. One row, written in the same transaction as the rows of a batch,
-- so that the views always stand at exactly one position. The hash is that of the commit holding it.
CREATE TABLE checkpoint (
  only_row       INTEGER PRIMARY KEY CHECK (only_row = 1),
  position       INTEGER NOT NULL,
  commit_hash    TEXT    NOT NULL,
  recorded_at_us INTEGER NOT NULL
);

INSERT INTO checkpoint VALUES (1, 0, '', 0);
