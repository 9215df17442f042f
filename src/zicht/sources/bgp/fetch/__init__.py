"""Where routes come in: files, archives, WebSockets and routers. I/O alone; nothing is decided."""
