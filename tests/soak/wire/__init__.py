"""Real sockets between tablets and a hub of its own process, and a proxy in between that does harm."""
