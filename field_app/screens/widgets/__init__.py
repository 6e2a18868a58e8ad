"""The small parts that screens are put together from (部件)."""
