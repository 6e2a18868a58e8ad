"""The one map (一张图): boundaries, houses, events and tasks within the user's area, from this hub alone."""
