"""IODA's shape under ``/v2``, so that clients of its API work when they are pointed here.

After the documentation of IODA's API (https://api.ioda.inetintel.cc.gatech.edu/v2/) and what its
clients ask. docs/api.md tells where our answers differ.
"""

from zicht.web.api.ioda.routes import routes

__all__ = ["routes"]
