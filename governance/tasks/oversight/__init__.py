"""Supervision (督导): what was done and what was not, work to level, visits that raise a question."""
