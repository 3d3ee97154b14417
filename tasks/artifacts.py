"""Keys of a run's artifacts in Prefect: each run has its own.

Prefect's UI opens a key, not an artifact, and shows the newest of that key, of whatever run.
"""

from prefect.runtime import flow_run


def artifact_key(subject: str) -> str:
    """Makes the key of this run's artifact on a subject, such as ``pressrun-quote-69c10369c3a6``.

    The last part of the run's id is random in every version of UUIDs, and short on a card.
    """
    return f"pressrun-{subject}-{str(flow_run.id).rsplit('-', 1)[-1]}"
