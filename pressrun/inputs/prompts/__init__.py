"""Documents of prompts, read into tasks."""
