"""Detection: expectation, belief, health, outages and events. Pure: no I/O, no clock."""
