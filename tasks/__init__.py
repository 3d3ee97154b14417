"""Tasks: one step a file, with its policy (name, retries, tags). The work is in pressrun."""
