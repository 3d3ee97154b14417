"""Stateful local servers that stand in for the providers; each also runs by hand."""
