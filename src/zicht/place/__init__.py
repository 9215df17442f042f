"""Where things are and what they are called: operators, countries, time zones."""
