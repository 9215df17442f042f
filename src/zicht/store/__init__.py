"""The lake: append, revise, read, compact. A folder of Delta tables that others can read too."""

from zicht.store.opening import open_store
from zicht.store.revisions import Appended
from zicht.store.store import Store

__all__ = ["Appended", "Store", "open_store"]
