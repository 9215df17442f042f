"""The lab's servers: all of its I/O stands here, on the loopback or in a network of its own."""
