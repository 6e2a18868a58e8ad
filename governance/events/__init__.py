"""Reports and disputes with their life cycle (事)."""
