"""What other programs ask for: each module has ``routes(desk)``."""
