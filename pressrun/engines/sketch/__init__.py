"""Drafts and texts made on this machine, offline and free."""
