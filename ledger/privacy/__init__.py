"""Keys per person, kept outside the log, and contacts sealed under them (DESIGN §8)."""
