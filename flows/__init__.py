"""Flows: one thin file a kind of batch. They name the steps; tasks do them."""
