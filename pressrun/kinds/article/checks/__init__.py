"""Checks of a finished text. Knows no engine and no ledger: text in, faults out."""
