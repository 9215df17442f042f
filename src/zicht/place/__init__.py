"""Places: operators, time zones, names."""
