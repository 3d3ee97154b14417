"""Pages that make a new batch: a draft of it, what was understood, what it will cost."""
