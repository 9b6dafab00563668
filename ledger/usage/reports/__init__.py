"""Partner Center's usage reports, read with the dirt of real files named and never hidden."""
