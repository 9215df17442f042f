"""The sources: one module or folder each, with its spec, fetch (I/O only) and parse (pure)."""
