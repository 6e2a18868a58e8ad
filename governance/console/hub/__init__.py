"""Running the hub on one machine: its database made ready, its processes kept together."""
