"""OpenAI, and whatever speaks its Images API."""
