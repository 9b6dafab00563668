"""The contract: every event the ledger can hold, and nothing that does anything.

Here live the frozen pydantic models (one file per family), the envelope, the catalogue of explicit
type names with their upcasters, the generated JSON Schemas and a golden example of every released
version. Never here: input or output, rules. This room imports no other room.
"""
