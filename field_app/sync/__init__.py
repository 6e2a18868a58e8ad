"""Sync (同步): the engine and its transport, as docs/sync-protocol.md says; no Kivy."""
