"""Measurements that anyone can repeat; each prints JSON with ``--json``."""
