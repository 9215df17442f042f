"""Reports of others that readers bring: received, read in a process beside, and not kept."""
