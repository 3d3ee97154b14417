"""Pictures as checked bytes, and what they say of themselves."""
