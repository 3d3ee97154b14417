"""The page of a new article batch: its items, and the feeds and pages that they name."""
