"""People, households, buildings, rooms, things, organisations (人、地、物、组织)."""
