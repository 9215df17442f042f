"""Where answers of services come in: politely, bounded, and kept. I/O alone; nothing is judged."""
