"""Measurements as ratios within one run: ``python -m tests.bench [NAME…]``; this is what `make bench` runs."""
