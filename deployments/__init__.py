"""Setting Pressrun up on a Prefect server, and running it on one machine."""
