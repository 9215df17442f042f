"""What texts by others claim of connectivity, and what was measured of it."""
