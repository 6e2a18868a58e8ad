"""Backup (备份) and restore (恢复) of the hub's database; see docs/design/restore.md."""
