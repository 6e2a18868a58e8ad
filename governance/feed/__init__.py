"""The numbered feed a grid: what tablets and departments pull (变更流). Knows no domain model."""
