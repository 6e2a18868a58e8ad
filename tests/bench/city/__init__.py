"""A generated city for the rules to be measured on: its filling, and the measuring process."""
