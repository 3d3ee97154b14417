"""Batches as the desk shows them: where each stands, what it holds, what may be done to it."""
