"""The desk: web pages where people start, follow, steer and read batches.

A thin face over the ledger, the stores and Prefect's server: it decides nothing that the command
line does not also do, and keeps nothing of its own but who is signed in.
"""
