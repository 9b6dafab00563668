-- Figures that people recorded for programmes, each as it was told: a row is added and never changed. As known
-- at P, of the rows of one figure and day the one with the highest position <= P stands; a value that is NULL
-- was withdrawn. on_day is an ISO date; '' where a figure is of no class or type.
CREATE TABLE figures (
  position     INTEGER PRIMARY KEY,
  programme    TEXT NOT NULL,
  metric       TEXT NOT NULL,
  organisation TEXT NOT NULL,
  location     TEXT NOT NULL,  -- '' for a figure of the whole organisation
  tenant_class TEXT NOT NULL,
  type         TEXT NOT NULL,
  on_day       TEXT NOT NULL,
  value        TEXT,           -- exact, as text
  source       TEXT NOT NULL   -- or why it was withdrawn
);

CREATE INDEX figures_by_organisation ON figures (organisation, programme);
CREATE INDEX figures_by_programme ON figures (programme, metric);
