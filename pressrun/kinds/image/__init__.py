"""Images of a list of prompts."""
