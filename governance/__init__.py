"""The hub: 社区e通 as it runs at the city's centre."""
