"""Differences, duplicates, one datum one source (一数一源)."""
