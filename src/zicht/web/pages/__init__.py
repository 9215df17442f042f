"""Pages: each module has ``routes(desk)``, and a function that says what stands in each page."""
