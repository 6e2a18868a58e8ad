"""Photos and files from devices: a tus 1.0 server (docs/sync-protocol.md, Files), apart from records."""
