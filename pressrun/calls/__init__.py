"""One paid call: reserved, written, sent, kept, settled. Knows nothing of what an item is."""
