"""Proxy services 代办: catalogue, station desk, department side, receipts."""
