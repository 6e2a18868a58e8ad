"""Commands of the room (命令)."""
