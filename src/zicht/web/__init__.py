"""Pages and API over the same functions as the command line."""
