"""The page of a new image batch: a document of prompts, and its tasks in rows."""
