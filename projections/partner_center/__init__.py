"""Partner Center's own files from our state, beside Microsoft's (partner_center_files.md §3)."""
