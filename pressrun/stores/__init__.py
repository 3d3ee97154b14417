"""Destinations of a batch, behind the Protocol in :mod:`pressrun.stores.base`."""
