"""The life of a batch, without Prefect: planned, reviewed, run, delivered, finished, kept."""
