"""The three centres and the three teams (三个三): who works where, who helps whom."""
