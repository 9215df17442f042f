"""The lab's routes: what collectors of a world would have heard and written, as their own bytes."""
