"""Adapters to the providers of models, behind the Protocols in :mod:`pressrun.engines.base`."""
