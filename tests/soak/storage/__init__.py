"""A disk in a test's hands: a VFS shim that records and refuses, and what a power cut leaves of it."""
