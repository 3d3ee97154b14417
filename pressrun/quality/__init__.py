"""Checks of a finished text. Knows no engine, no recipe and no ledger: text in, faults out."""
