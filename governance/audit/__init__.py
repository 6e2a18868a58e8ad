"""Append-only, hash-chained record of who read or changed what (审计)."""
