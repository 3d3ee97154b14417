"""Stateful local servers that stand in for the providers; each also runs by hand."""

import os

#: Where they listen: loopback; in a network namespace of their own, what its neighbours reach.
HOST = os.environ.get("TEST_SERVERS_HOST", "127.0.0.1")
