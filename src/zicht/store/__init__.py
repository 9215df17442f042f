"""The lake: append, revise, read, compact. A folder of Delta tables that others can read too."""

from zicht.store.revisions import Appended
from zicht.store.store import LAYOUT, Store, open_store

__all__ = ["LAYOUT", "Appended", "Store", "open_store"]
