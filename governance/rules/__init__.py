"""Conditions over records that yield findings (规则)."""
