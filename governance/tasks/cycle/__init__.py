"""A task's way from open to its end: made by staff, given to somebody, tried, reported twice (任务办理)."""
