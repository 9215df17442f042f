"""What things are: entity, signal, series, health, belief, outage, event. No I/O, no clock."""
