"""Tasks: one step in each file, with its policy (name, retries, tags). The work is in pressrun."""
