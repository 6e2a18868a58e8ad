"""The sealed store (加密存储): one SQLite file, its bodies sealed, everything open in memory at unlock."""
