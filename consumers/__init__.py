"""Long-running processes that follow the log and hand it on.

Here live the view keeper, the sinks and relays that feed other stores and topics, and the
subscriber library. Never here: rules; a consumer passes on what was decided. This room imports
`schemas`, `ledger` and `projections`.
"""
