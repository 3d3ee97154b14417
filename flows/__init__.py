"""Flows: one thin file for each kind of batch. They name the steps; tasks do them."""
