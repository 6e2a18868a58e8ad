"""Proofs that nothing is lost, each with known-wrong variants to catch (docs/design/proofs.md)."""
