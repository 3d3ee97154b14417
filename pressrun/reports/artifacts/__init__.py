"""Markdown for Prefect's artifacts and forms; all words of others are escaped."""
