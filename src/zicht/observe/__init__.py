"""The observatory: sources, store, detection and publishing brought together."""
