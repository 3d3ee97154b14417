"""What is done to a batch after its end: one module a command, none of which knows Prefect."""
