"""Settings at the desk: who pays, where batches go, what new ones begin with.

All of it lies on Prefect's server, in blocks and variables, where forms, schedules and the command
line find it too; the desk keeps nothing but, for minutes, what was typed and is not saved yet.
"""
