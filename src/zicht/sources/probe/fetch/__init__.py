"""Where probes go out and replies come in: sockets and the clock. I/O alone; nothing is judged."""
