"""How well findings agree with labels: recall, false alerts, delay, errors, calibration. Pure."""
